// What one commit of a live run writes: outputs, changes of the state, the journal and the inputs' offsets, all or
// nothing.
//
// A thread of its own sends and commits, so that the caller works on meanwhile: what it hands over after commit()
// belongs to the next transaction, which begins when the one before has ended. So one commit is on its way at most.
//
// A failure shows at the next call, whatever it is, and stays: everything since the last commit that was told as
// committed must be dropped. Failures are kUnavailable where it can be done again from what is committed (with a new
// Transaction: the outcome may be unknown), and another class where trying again is of no use.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "connectors/kafka/outgoing_block.h"
#include "connectors/kafka/producer.h"
#include "connectors/sink.h"
#include "engine/steps.h"

namespace nudge::connectors::kafka {

// One thread calls, another one than that which it starts.
class Transaction {
 public:
  // Takes the transactional id over: whoever had it can commit no more, and what it left open is undone.
  static Result<std::unique_ptr<Transaction>> make(const Settings& settings, const std::string& transactional_id);
  // What is not committed is dropped; a commit that is on its way is waited for.
  ~Transaction();

  // Both copy, and wait while much waits to be sent. Small ones are gathered.
  Status send(const std::string& topic, const OutgoingRecord& record);
  Status send_lines(const std::string& topic, std::string_view lines);
  // What is gathered goes on its way: the commit has less to wait for, and who reads uncommitted records has them.
  Status send_gathered();

  using Send = std::function<Status(const std::string& topic, const OutgoingRecord& record)>;
  struct Ending {
    std::vector<CommittedOffset> offsets;
    GroupMetadata group;
    // Both on the transaction's thread: what else is to be sent, and what is to be done when all is committed.
    std::function<Status(const Send& send)> rest;
    std::function<Status()> committed;
  };
  // Waits for the commit before. Where nothing was sent there is no transaction, but `committed` is called.
  Status commit(Ending ending);
  bool is_ending() const;  // a commit is on its way
  // Until no commit is.
  Status settle();
  Status status() const;

  // Tells of its own steps and of those that others have `reached`.
  void observe(StepObserver at_step) { at_step_ = std::move(at_step); }
  void reached(std::string_view step) const {
    if (at_step_) at_step_(step);
  }

 private:
  struct Item {
    OutgoingBlock block;
    std::optional<Ending> ending;  // behind the block
  };

  explicit Transaction(std::unique_ptr<Producer> producer);
  OutgoingBlock& room();
  Status hand_over(std::optional<Ending> ending);
  void serve(const std::stop_token& stop);
  Status handle(const Item& item);
  Status send_now(const std::string& topic, const OutgoingRecord& record);
  Status send_lines_now(const std::string& topic, std::string_view lines);
  Status end(const Ending& ending);

  // The caller's.
  std::set<std::string, std::less<>> topics_;
  OutgoingBlock block_;
  StepObserver at_step_;
  // The thread's.
  const std::unique_ptr<Producer> producer_;
  bool open_ = false;
  std::chrono::steady_clock::time_point ended_;  // of the transaction before
  std::string key_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Item> items_;
  std::size_t waiting_bytes_ = 0;  // of what is handed over and not sent
  bool ending_ = false;            // a commit is on its way
  Status status_;
  std::jthread thread_;  // last: it uses all of the above
};

// The output topics as a Sink: each line becomes a record of its own, under the line's `key`, and is committed with the
// transaction; so there is nothing to rewind. A removal (engine/output.h) becomes a tombstone.
std::unique_ptr<Sink> make_transaction_sink(Transaction& transaction, const config::Value& topics);

}  // namespace nudge::connectors::kafka
