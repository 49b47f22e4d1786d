// What one commit of a live run writes: outputs, changes of the state, the journal and the inputs' offsets, all or
// nothing.
//
// A transaction begins with the first record. Failures are kUnavailable where everything since the last commit must be
// dropped and done again from what is committed (with a new Transaction: the outcome may be unknown), and another class
// where trying again is of no use. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kafka/producer.h"
#include "connectors/sink.h"
#include "engine/steps.h"

namespace nudge::connectors::kafka {

class Transaction {
 public:
  // Takes the transactional id over: whoever had it can commit no more, and what it left open is undone.
  static Result<std::unique_ptr<Transaction>> make(const Settings& settings, const std::string& transactional_id);

  Status send(const std::string& topic, const OutgoingRecord& record);
  // Nothing was sent: nothing is done.
  Status commit(std::span<const CommittedOffset> offsets, const GroupMetadata& group);

  // Tells of its own steps and of those that others have `reached`.
  void observe(StepObserver at_step) { at_step_ = std::move(at_step); }
  void reached(std::string_view step) const {
    if (at_step_) at_step_(step);
  }

 private:
  explicit Transaction(std::unique_ptr<Producer> producer) : producer_(std::move(producer)) {}

  std::unique_ptr<Producer> producer_;
  StepObserver at_step_;
  bool open_ = false;
};

// The output topics as a Sink: each line becomes a record of its own, under the line's `key`, and is committed with the
// transaction; so there is nothing to rewind. A removal (engine/output.h) becomes a tombstone.
std::unique_ptr<Sink> make_transaction_sink(Transaction& transaction, const config::Value& topics);

}  // namespace nudge::connectors::kafka
