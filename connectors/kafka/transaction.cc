#include "connectors/kafka/transaction.h"

#include <fmt/core.h>

#include <map>
#include <utility>

#include "connectors/kafka/output_records.h"
#include "connectors/kafka/topics.h"
#include "engine/output.h"
#include "engine/thread_name.h"

namespace nudge::connectors::kafka {
namespace {

constexpr Milliseconds kTimeout(30'000);
constexpr int kCommitAttempts = 3;
// Nobody sees a record before its commit, which waits for no batch: so batches may fill.
constexpr Milliseconds kLinger(10);
// The brokers complete a transaction behind its commit. Who begins the next one before that is told to try again, for
// which librdkafka waits for 20 ms.
constexpr Milliseconds kCompleted(4);
constexpr std::size_t kBlockBytes = 64 << 10, kWaitingBytesMax = 32 << 20;
constexpr Milliseconds kServeEvery(1000);

class TransactionSink final : public Sink {
 public:
  TransactionSink(Transaction& transaction, const config::Value& topics) : transaction_(transaction) {
    for (const std::string_view name : output::kNames) names_.emplace(name, topics.at(name).text());
  }

  Status reset() override { return Status::ok(); }
  Status rewind(const SinkPosition&) override { return Status::ok(); }
  Status append(std::string_view topic, std::string_view lines) override {
    return transaction_.send_lines(names_.find(topic)->second, lines);
  }
  Result<SinkPosition> flush() override { return SinkPosition(); }

 private:
  Transaction& transaction_;
  std::map<std::string, std::string, std::less<>> names_;
};

}  // namespace

Result<std::unique_ptr<Transaction>> Transaction::make(const Settings& settings, const std::string& transactional_id) {
  NUDGE_ASSIGN(auto producer, Producer::make(settings, {.transactional_id = transactional_id, .linger = kLinger}));
  for (int attempt = 1;; ++attempt) {
    const Outcome outcome = producer->initialise(kTimeout);
    if (outcome) break;
    if (outcome.verdict() != Verdict::kRetriable || attempt == kCommitAttempts) return outcome.anew();
  }
  return std::unique_ptr<Transaction>(new Transaction(std::move(producer)));
}

Transaction::Transaction(std::unique_ptr<Producer> producer)
    : producer_(std::move(producer)), thread_([this](const std::stop_token& stop) { serve(stop); }) {}

Transaction::~Transaction() = default;

// ---- the caller -----------------------------------------------------------------------------------------

Status Transaction::send(const std::string& topic, const OutgoingRecord& record) {
  block_.add(*topics_.insert(topic).first, record);
  return block_.bytes() < kBlockBytes ? Status::ok() : hand_over(std::nullopt);
}

Status Transaction::send_lines(const std::string& topic, std::string_view lines) {
  block_.add_lines(*topics_.insert(topic).first, lines);
  return block_.bytes() < kBlockBytes ? Status::ok() : hand_over(std::nullopt);
}

Status Transaction::send_gathered() { return block_.empty() ? Status::ok() : hand_over(std::nullopt); }

Status Transaction::commit(Ending ending) {
  NUDGE_TRY(settle());
  return hand_over(std::move(ending));
}

Status Transaction::hand_over(std::optional<Ending> ending) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_bytes_ < kWaitingBytesMax || !status_; });
  NUDGE_TRY(status_);
  ending_ = ending_ || ending.has_value();
  waiting_bytes_ += block_.bytes();
  items_.push_back({std::exchange(block_, {}), std::move(ending)});
  changed_.notify_all();
  return Status::ok();
}

bool Transaction::is_ending() const {
  const std::lock_guard lock(mutex_);
  return ending_;
}

Status Transaction::settle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !ending_; });
  return status_;
}

Status Transaction::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

// ---- the thread -----------------------------------------------------------------------------------------

void Transaction::serve(const std::stop_token& stop) {
  name_thread("nudge commit");
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!changed_.wait_for(lock, stop, kServeEvery, [&] { return !items_.empty(); })) {
      lock.unlock();
      producer_->poll();
      lock.lock();
      continue;
    }
    const Item item = std::move(items_.front());
    items_.pop_front();
    if (status_) {
      lock.unlock();
      Status done = handle(item);
      lock.lock();
      status_ = std::move(done);
    }
    waiting_bytes_ -= item.block.bytes();
    if (item.ending) ending_ = false;
    changed_.notify_all();
  }
}

Status Transaction::handle(const Item& item) {
  NUDGE_TRY(item.block.for_each(
      [this](const std::string& topic, const OutgoingRecord& record) { return send_now(topic, record); },
      [this](const std::string& topic, std::string_view lines) { return send_lines_now(topic, lines); }));
  return item.ending ? end(*item.ending) : Status::ok();
}

Status Transaction::send_lines_now(const std::string& topic, std::string_view lines) {
  return each_output_record(lines, key_, [&](const OutgoingRecord& record) { return send_now(topic, record); });
}

Status Transaction::send_now(const std::string& topic, const OutgoingRecord& record) {
  if (!open_) {
    std::this_thread::sleep_until(ended_ + kCompleted);
    NUDGE_TRY(producer_->begin().anew());
    open_ = true;
  }
  return producer_->send(producer_->topic(topic), record, kTimeout).anew();
}

Status Transaction::end(const Ending& ending) {
  if (ending.rest)
    NUDGE_TRY(ending.rest(
        [this](const std::string& topic, const OutgoingRecord& record) { return send_now(topic, record); }));
  if (open_) {
    NUDGE_TRY(producer_->send_offsets(ending.offsets, ending.group, kTimeout).anew());
    reached("offsets sent");
    for (int attempt = 1;; ++attempt) {
      const Outcome outcome = producer_->commit(kTimeout);
      if (outcome) break;
      if (outcome.verdict() != Verdict::kRetriable || attempt == kCommitAttempts) return outcome.anew();
    }
    open_ = false;
    ended_ = std::chrono::steady_clock::now();
    reached("transaction committed");
  }
  return ending.committed ? ending.committed() : Status::ok();
}

std::unique_ptr<Sink> make_transaction_sink(Transaction& transaction, const config::Value& topics) {
  return std::make_unique<TransactionSink>(transaction, topics);
}

}  // namespace nudge::connectors::kafka
