// The keyed stage: applies what concerns its customers to all operators, fires timers, sweeps the base, and hands out
// partials at the end of an epoch.
//
// Owned by one thread at a time. Time moves by `process` (to the watermark of each message) and by `advance`.
#pragma once

#include <absl/container/btree_set.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/product_catalog.h"
#include "engine/runtime/base_walk.h"
#include "engine/runtime/customer.h"
#include "engine/runtime/entity_cache.h"
#include "engine/runtime/message.h"
#include "engine/runtime/program.h"
#include "engine/runtime/traces.h"

namespace nudge::runtime {

class KeyedTask {
 public:
  // `fresh`: the store holds nothing of this task. Otherwise call restore() before anything else.
  KeyedTask(std::uint32_t task, const Program& program, const state::Store& store, bool fresh);
  ~KeyedTask();

  // Reads timers, task-wide state and the clock back.
  Status restore();
  // Time ends here: the watermark never passes it.
  void set_horizon(Millis horizon) { horizon_ = horizon; }
  // The event clock begins, or jumps.
  void start(Millis watermark);

  // Messages, and records of products, each by origin.index; no sweep is due before the last of them.
  Status process(std::span<const KeyedMessage* const> messages, std::span<const ProductMessage> products);
  // What holds for no customer, before process(): of the transactions of the ledger of the same number.
  void take_unowned(std::span<const UnownedFact> facts);
  // What customers whom the last process() erased had elsewhere.
  const Traces& traces() const { return traces_; }
  // Moves the watermark: fires timers and sweeps that are due up to and including it. False where it paused with much
  // to hand over or to commit: call it again, with the same watermark, before anything else but a commit.
  Result<bool> advance(Millis watermark);
  Millis next_sweep() const;

  void adopt(const Model& model);
  // By slot; empty where the operator has none.
  std::vector<std::string> partials(Millis epoch_end);

  // The input has ended: every customer once, for `close`, before the last partials.
  Status close(Millis end);
  // After the last commit: every customer once more, for `finish`. False where it paused with much to hand over. Then
  // what operators conclude, by slot.
  Result<bool> finish(Millis end);
  std::vector<std::string> conclude();

  // Puts what waits of the timelines, the larger part of a commit, ahead of the rest.
  void write_timelines(state::ChangeWriter& changes);
  void write_changes(state::ChangeWriter& changes);
  void after_commit(std::size_t cache_bytes_max);
  // Commits are many and small: short parts of timelines stay with their customers, and outputs are written as they are
  // made (Outputs::set_live).
  void set_live(bool live) {
    outputs_.set_live(live);
    chunk_bytes_least_ = live ? kLiveChunkBytesLeast : 0;
  }
  Outputs& outputs() { return outputs_; }
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }  // `operator.what`
  std::size_t customers_cached() const { return customers_.size(); }
  CacheFigures cache() const { return customers_.figures(); }
  std::size_t pending_bytes() const { return pending_.bytes(); }  // of timelines
  // Null where no operator reads them.
  const ProductCatalog* products() const { return products_.get(); }
  std::size_t products_bytes() const { return products_ ? products_->memory_bytes() : 0; }
  // Of customers and what waits for the next commit: what a commit can let go of.
  std::size_t memory_bytes() const { return customers_.memory_bytes() + pending_.bytes(); }

 private:
  // A chunk costs its key, a record of the changelog and a place in the store; what is open is written with every
  // change of its customer.
  static constexpr std::size_t kLiveChunkBytesLeast = 256;
  // How many messages ahead a customer's memory is fetched.
  static constexpr std::size_t kPrefetchAhead = 6;
  // Where long work pauses: bytes of output, or customers visited and timers fired.
  static constexpr std::size_t kPauseBytes = 1 << 20, kPauseCalls = 8'192;
  class Context;
  // Every entry of a timeline goes through one of these.
  void remember(Customer& customer, TimelineEntry::Kind kind, const Event& event);
  void note(Customer& customer, std::uint8_t slot, std::string_view bytes);
  struct QueuedTimer {
    Millis due;
    std::uint8_t slot;
    Hash128 customer;
    auto operator<=>(const QueuedTimer&) const = default;
  };

  // A sweep under way. Part of the state: after a crash it goes on behind the last customer.
  struct Sweep {
    std::uint8_t slot = 0;
    Millis due = 0;
    std::optional<Hash128> after;
    std::unique_ptr<BaseWalk> walk;
  };
  struct Finish {
    BaseWalk walk;
    std::unique_ptr<state::Cursor> timelines;
  };

  // Takes the first of them, up to the record of this index.
  Status take_products(std::span<const ProductMessage>& products, std::uint64_t before);
  Status pass_time(const Origin& until);
  Status process_origin(std::span<const KeyedMessage* const> messages);
  Status process_customer(std::span<const KeyedMessage* const> messages);
  void deliver(const KeyedMessage& message, bool applied_too, Customer& customer);
  Status erase(const KeyedMessage& message, Customer& customer);
  void settle();
  Status fire(const QueuedTimer& timer);
  // What is due for the customer up to its own event that comes next, though the watermark is not there yet: a score of
  // midnight must not know of a sale half a minute later.
  void catch_up(Customer& customer, Millis until);
  // What the clock causes, not a record.
  void bind_at(Customer& customer, Cause::Kind kind, Millis time);
  void run_timer(Customer& customer, std::uint8_t slot, Millis due);
  // Timers that are due before (due, slot_before), in the order (due, operator, customer). False where it paused.
  Result<bool> fire_until(Millis due, std::uint8_t slot_before, bool may_pause);
  Result<bool> go_on_sweeping();
  bool pauses(std::size_t calls) const { return calls >= kPauseCalls || outputs_.bytes() >= kPauseBytes; }
  void visit(Customer& customer, std::uint8_t slot, Millis due);
  Result<Customer*> customer(const Hash128& hash, std::string_view id);
  void arm(Customer& customer, std::uint8_t slot, Millis due);
  std::string own_state() const;
  std::vector<std::uint8_t> by_id(std::vector<std::uint8_t> slots) const;
  Status restore_operator(std::uint8_t slot);
  Status restore_products();
  Status decode_own_state(std::string_view bytes);

  std::uint32_t task_;
  const Program& program_;
  const state::Store& store_;
  EntityCache<Customer> customers_;
  std::unique_ptr<ProductCatalog> products_;
  std::vector<std::unique_ptr<KeyedOperator>> operators_;
  absl::btree_set<QueuedTimer> timers_;
  std::vector<Millis> next_sweeps_;
  std::optional<Sweep> sweep_;
  std::optional<Finish> finish_;
  Millis watermark_ = kBeforeAll, horizon_ = kNever;
  std::unique_ptr<Context> context_;
  Outputs outputs_;
  SignalBoard signals_;
  std::map<std::string, std::uint64_t> counts_;
  PendingLog pending_;  // of timelines, since the last commit
  std::size_t chunk_bytes_least_ = 0;
  Traces traces_;
  std::vector<Hash128> wanted_, erased_;
  std::vector<const Customer*> ahead_;  // of the messages under way; null: new, or not to be looked at
  std::vector<const KeyedMessage*> group_;
  std::string trace_;
};

}  // namespace nudge::runtime
