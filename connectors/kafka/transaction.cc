#include "connectors/kafka/transaction.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "connectors/kafka/topics.h"
#include "engine/output.h"

namespace nudge::connectors::kafka {
namespace {

constexpr Milliseconds kTimeout(30'000);
constexpr int kCommitAttempts = 3;

// What a failure of a step means for who has to go on.
Status status_of(const Outcome& outcome) {
  if (outcome.is_done()) return Status::ok();
  // What the brokers refuse comes again and again; a lost connection does not.
  if (outcome.code() == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    return Status::io(outcome.message() + "; set the topic's max.message.bytes higher, then start again");
  if (outcome.code() == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    return Status::io(outcome.message() + "; give this user the right to write there, then start again");
  return Status::error(ErrorClass::kUnavailable, outcome.message());
}

class TransactionSink final : public Sink {
 public:
  TransactionSink(Transaction& transaction, const config::Value& topics) : transaction_(transaction) {
    for (const std::string_view name : output::kNames) names_.emplace(name, topics.at(name).text());
  }

  Status reset() override { return Status::ok(); }
  Status rewind(const SinkPosition&) override { return Status::ok(); }
  Status append(std::string_view topic, std::string_view lines) override {
    const std::string& name = names_.find(topic)->second;
    for (std::size_t end = lines.find('\n'); end != std::string_view::npos; end = lines.find('\n')) {
      const std::string_view line = lines.substr(0, end);
      lines.remove_prefix(end + 1);
      const OutputLine parsed = parse_output_line(line, key_);
      NUDGE_TRY(
          transaction_.send(name, {.key = parsed.key, .value = parsed.removes ? std::nullopt : std::optional(line)}));
    }
    return Status::ok();
  }
  Result<SinkPosition> flush() override { return SinkPosition(); }

 private:
  Transaction& transaction_;
  std::map<std::string, std::string, std::less<>> names_;
  std::string key_;
};

}  // namespace

Result<std::unique_ptr<Transaction>> Transaction::make(const Settings& settings, const std::string& transactional_id) {
  NUDGE_ASSIGN(auto producer, Producer::make(settings, {.transactional_id = transactional_id}));
  for (int attempt = 1;; ++attempt) {
    const Outcome outcome = producer->initialise(kTimeout);
    if (outcome) break;
    if (outcome.verdict() != Verdict::kRetriable || attempt == kCommitAttempts) return status_of(outcome);
  }
  return std::unique_ptr<Transaction>(new Transaction(std::move(producer)));
}

Status Transaction::send(const std::string& topic, const OutgoingRecord& record) {
  if (!open_) {
    NUDGE_TRY(status_of(producer_->begin()));
    open_ = true;
  }
  return status_of(producer_->send(producer_->topic(topic), record, kTimeout));
}

Status Transaction::commit(std::span<const CommittedOffset> offsets, const GroupMetadata& group) {
  if (!open_) return Status::ok();
  NUDGE_TRY(status_of(producer_->send_offsets(offsets, group, kTimeout)));
  reached("offsets sent");
  for (int attempt = 1;; ++attempt) {
    const Outcome outcome = producer_->commit(kTimeout);
    if (outcome) break;
    if (outcome.verdict() != Verdict::kRetriable || attempt == kCommitAttempts) return status_of(outcome);
  }
  open_ = false;
  reached("transaction committed");
  return Status::ok();
}

std::unique_ptr<Sink> make_transaction_sink(Transaction& transaction, const config::Value& topics) {
  return std::make_unique<TransactionSink>(transaction, topics);
}

}  // namespace nudge::connectors::kafka
