#include "connectors/kafka/outcome.h"

#include <fmt/core.h>

namespace nudge::connectors::kafka {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDone:
      return "done";
    case Verdict::kRetriable:
      return "retriable";
    case Verdict::kAbortable:
      return "abortable";
    case Verdict::kStaleGeneration:
      return "stale_generation";
    case Verdict::kFenced:
      return "fenced";
    case Verdict::kUnknownOutcome:
      return "unknown_outcome";
    case Verdict::kFatal:
      return "fatal";
  }
  return {};
}

Status Outcome::status() const {
  if (is_done()) return Status::ok();
  const bool again = verdict_ == Verdict::kRetriable || verdict_ == Verdict::kAbortable;
  return Status::error(
      again ? ErrorClass::kUnavailable : ErrorClass::kInputOutput,
      fmt::format("{} ({}); start again: what was not committed is done once more", message_, name_of(verdict_)));
}

Status Outcome::anew() const {
  if (is_done()) return Status::ok();
  if (code_ == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    return Status::io(message_ + "; set the topic's max.message.bytes higher, then start again");
  if (code_ == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    return Status::io(message_ + "; give this user the right to write there, then start again");
  return Status::error(ErrorClass::kUnavailable, message_);
}

namespace {

bool is_fenced(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH || code == RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED;
}

bool is_stale(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
         code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

}  // namespace

Outcome outcome_of(std::string_view step, const rd_kafka_error_t* error, bool ends) {
  if (!error) return {};
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  std::string message = fmt::format("kafka {}: {}: {}", step, rd_kafka_error_name(error), rd_kafka_error_string(error));
  const auto give = [&](Verdict verdict) { return Outcome(verdict, code, std::move(message)); };
  if (is_fenced(code)) return give(Verdict::kFenced);
  if (is_stale(code)) return give(Verdict::kStaleGeneration);
  // A commit that needs an abort was refused by librdkafka or the broker before it took effect.
  if (rd_kafka_error_txn_requires_abort(error)) return give(Verdict::kAbortable);
  if (rd_kafka_error_is_retriable(error)) return give(Verdict::kRetriable);
  return give(ends ? Verdict::kUnknownOutcome : Verdict::kFatal);
}

}  // namespace nudge::connectors::kafka
