// The state beyond one machine: every change of the store is also a record in a compacted topic, in the transaction
// that commits what caused it. What a machine has on its disk may lag behind the topic, and never leads it.
//
// A record is a key of the store and its value, null where it was erased. The changes of a task are in the partition of
// its number, those of no task in the one after the last task's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/transaction.h"
#include "state/store.h"

namespace nudge::runtime {

// What a changelog is called, and how many tasks write to it.
struct Changelog {
  std::string topic;
  std::uint32_t tasks = 1;

  std::size_t partitions() const { return std::size_t{tasks} + 1; }
  int partition_of(std::string_view key) const;
};

struct RestoreProgress {
  std::uint64_t records = 0, records_total = 0;  // offsets, of which some may be gone by compaction
};

// Brings the store to the topic's committed end, from where it stands; a store that has fallen behind further than what
// the topic remembers of erased keys is emptied first. Loud (kInputOutput, with what to do) where the topic ends before
// what the store has already.
Status restore(const Changelog& changelog, const connectors::kafka::Settings& settings, state::Store& store,
               const std::function<void(const RestoreProgress&)>& progress);

// A store whose bulk writes are commits of the transaction: changes are sent as they are added, and are in the store
// only when the transaction is committed. `before_commit` may send more; it gives what to commit with.
class LoggedStore final : public state::Store {
 public:
  struct Consumed {
    std::vector<connectors::kafka::CommittedOffset> offsets;
    connectors::kafka::GroupMetadata group;
  };
  LoggedStore(Changelog changelog, state::Store& store, connectors::kafka::Transaction& transaction,
              const connectors::kafka::Admin& admin, std::function<Result<Consumed>()> before_commit)
      : changelog_(std::move(changelog)),
        store_(store),
        transaction_(transaction),
        admin_(admin),
        before_commit_(std::move(before_commit)) {}

  Result<std::optional<std::string>> get(std::string_view key) const override { return store_.get(key); }
  Status multi_get(std::span<const std::string> keys, std::vector<std::optional<std::string>>& values) const override {
    return store_.multi_get(keys, values);
  }
  std::unique_ptr<state::Cursor> scan(std::string_view from, std::string_view until) const override {
    return store_.scan(from, until);
  }
  Status write(const state::Batch& batch) override { return store_.write(batch); }
  Result<std::unique_ptr<state::BulkWrite>> bulk_write() override;
  Status sync() override { return store_.sync(); }
  state::StoreFigures figures() const override { return store_.figures(); }

 private:
  class Commit;
  const Changelog changelog_;
  state::Store& store_;
  connectors::kafka::Transaction& transaction_;
  const connectors::kafka::Admin& admin_;
  const std::function<Result<Consumed>()> before_commit_;
  std::chrono::steady_clock::time_point noted_ = std::chrono::steady_clock::now();  // where the changelog ended
};

}  // namespace nudge::runtime
