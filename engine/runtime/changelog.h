// The state beyond one machine: every change of the store is also a record of the changelog, in the transaction that
// commits what caused it. What a machine has on its disk may lag behind the topic, and never leads it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/changelog.h"
#include "connectors/kafka/large_values.h"
#include "connectors/kafka/transaction.h"
#include "engine/hash.h"
#include "state/store.h"

namespace nudge::runtime {

// A store whose bulk writes are commits of the transaction: changes are sent as they are added, and are in the store
// only when the transaction is committed. `before_commit` may send more; it gives what to commit with. Of what there is
// once for a task or for the run, only what differs from what was written last is sent and written.
//
// After a failed commit it is of no more use: restore the store, and make another one.
class LoggedStore final : public state::Store {
 public:
  struct Consumed {
    std::vector<connectors::kafka::CommittedOffset> offsets;
    connectors::kafka::GroupMetadata group;
  };
  // `owned`: the partitions of the changelog that this instance alone writes to, which were restored. Only their places
  // in the store move with the commits.
  LoggedStore(connectors::kafka::Changelog changelog, std::vector<int> owned, state::Store& store,
              connectors::kafka::Transaction& transaction, const connectors::kafka::Admin& admin,
              std::function<Result<Consumed>()> before_commit)
      : changelog_(std::move(changelog)),
        owned_(std::move(owned)),
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
  // Whether the bytes differ from what the key had when it was asked last.
  bool differs(std::string_view key, std::string_view value);
  Status note_places(state::Batch& batch);

  const connectors::kafka::Changelog changelog_;
  const std::vector<int> owned_;
  state::Store& store_;
  connectors::kafka::Transaction& transaction_;
  const connectors::kafka::Admin& admin_;
  const std::function<Result<Consumed>()> before_commit_;
  connectors::kafka::LargeValues large_;
  bool loaded_ = false;                                         // large_
  std::map<std::string, Hash128, std::less<>> last_;            // of what is of the whole (state_keys.h)
  std::optional<std::chrono::steady_clock::time_point> noted_;  // the places
};

}  // namespace nudge::runtime
