// How a step of a transaction ended, and so what must be done next.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/kafka/handle.h"
#include "engine/status.h"

namespace nudge::connectors::kafka {

enum class Verdict : std::uint8_t {
  kDone,
  kRetriable,        // nothing is decided: call the same function again
  kAbortable,        // abort the transaction, then do its work again
  kStaleGeneration,  // the group has moved on: abort, drop what is uncommitted, look at the newer assignment first
  kFenced,           // another producer has this transactional id now: close the task and rejoin
  kUnknownOutcome,   // the transaction may have been committed or not: drop it, make a new producer under the same id
                     // (initialise() settles it) and go on from the committed offsets
  kFatal,            // this producer is of no more use, and the transaction is not committed
};
std::string_view name_of(Verdict verdict);

class [[nodiscard]] Outcome {
 public:
  Outcome() = default;
  Outcome(Verdict verdict, rd_kafka_resp_err_t code, std::string message)
      : verdict_(verdict), code_(code), message_(std::move(message)) {}

  Verdict verdict() const { return verdict_; }
  bool is_done() const { return verdict_ == Verdict::kDone; }
  explicit operator bool() const { return is_done(); }
  rd_kafka_resp_err_t code() const { return code_; }
  const std::string& message() const { return message_; }  // with the step and librdkafka's reason

  // For callers that do nothing but stop: kUnavailable where trying again may help, else kInputOutput.
  Status status() const;
  // For callers that drop what is not committed and make everything anew, this producer too: kUnavailable but for what
  // the brokers would refuse again.
  Status anew() const;

 private:
  Verdict verdict_ = Verdict::kDone;
  rd_kafka_resp_err_t code_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string message_;
};

// The step's own name goes into the message. `ends` is true of a commit: once its request may have been sent, a failure
// that is no clear refusal leaves the outcome unknown.
Outcome outcome_of(std::string_view step, const rd_kafka_error_t* error, bool ends);

}  // namespace nudge::connectors::kafka
