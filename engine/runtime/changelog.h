// The state beyond one machine: every change of the store is also a record of the changelog, in the transaction that
// commits what caused it. What a machine has on its disk may lag behind the topic, and never leads it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/changelog.h"
#include "connectors/kafka/large_values.h"
#include "connectors/kafka/transaction.h"
#include "engine/hash.h"
#include "engine/runtime/write_behind.h"
#include "state/store.h"

namespace nudge::runtime {

// A store whose bulk writes are commits of the transaction. A bulk write's commit() returns when the commit is on its
// way: the transaction's thread sends the changes and commits. Reads see them at once, so that the caller works on as
// if they were written; the store gets them later, those of many commits together (write_behind.h). `before_commit` may
// send more; it gives what to commit with. Of what there is once for a task or for the run, only what differs from what
// was written last is sent.
//
// A commit that failed shows at the next call of the transaction. Then this is of no more use: drop it, and what was
// made of it, restore the store, and make another one.
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
              const WriteBehind::Limits& limits, std::function<Result<Consumed>()> before_commit)
      : changelog_(std::move(changelog)),
        owned_(std::move(owned)),
        store_(store),
        transaction_(transaction),
        admin_(admin),
        before_commit_(std::move(before_commit)),
        behind_(store, limits, [&transaction] { transaction.reached("store written"); }) {}
  // A commit that is on its way is waited for, and all that is committed is written; what cannot be is in the topic.
  ~LoggedStore() override { (void)settle(); }

  Result<std::optional<std::string>> get(std::string_view key) const override;
  Status multi_get(std::span<const std::string> keys, std::vector<std::optional<std::string>>& values) const override;
  // The next three wait until everything is committed and written.
  std::unique_ptr<state::Cursor> scan(std::string_view from, std::string_view until) const override;
  Status write(const state::Batch& batch) override;
  Result<std::unique_ptr<state::BulkWrite>> bulk_write() override;
  Status sync() override;
  state::StoreFigures figures() const override { return store_.figures(); }

 private:
  class Commit;
  // Of one commit, which may come to several of one key: the last holds. No ranges.
  struct Changes {
    std::vector<state::Batch> batches;  // what the changes point into
    std::vector<state::Batch::Change> list;
  };
  // Whether the bytes differ from what the key had when it was asked last.
  bool differs(std::string_view key, std::string_view value);
  // The keys of the store in the ranges, as changes that erase them.
  Result<state::Batch> keys_of(std::span<const state::Batch::Change> ranges) const;
  // Until no commit is on its way; what it left beside its changes is taken up.
  Status end_commit() const;
  Status settle() const;
  // On the transaction's thread.
  Status send(const Changes& changes, const connectors::kafka::Transaction::Send& send);
  Status note_places();

  const connectors::kafka::Changelog changelog_;
  const std::vector<int> owned_;
  state::Store& store_;
  connectors::kafka::Transaction& transaction_;
  const connectors::kafka::Admin& admin_;
  const std::function<Result<Consumed>()> before_commit_;
  std::map<std::string, Hash128, std::less<>> last_;  // of what is of the whole (state_keys.h)

  mutable std::mutex ending_;  // held by who takes up what a commit left
  // The transaction's thread's while a commit is on its way.
  connectors::kafka::LargeValues large_;
  bool loaded_ = false;                                         // large_
  mutable state::Batch besides_;                                // what the store has and the topic does not
  std::optional<std::chrono::steady_clock::time_point> noted_;  // the places

  mutable WriteBehind behind_;  // last: its thread uses the store
};

}  // namespace nudge::runtime
