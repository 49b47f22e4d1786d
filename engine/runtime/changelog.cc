#include "engine/runtime/changelog.h"

#include <algorithm>
#include <utility>

#include "engine/runtime/state_keys.h"

namespace nudge::runtime {
namespace {

using connectors::kafka::ChangelogPlace;
using connectors::kafka::OutgoingRecord;
using connectors::kafka::Transaction;
using connectors::kafka::Watermarks;

constexpr std::chrono::seconds kNotedEvery(10);

// A walk that could not begin.
class FailedCursor final : public state::Cursor {
 public:
  explicit FailedCursor(Status status) : status_(std::move(status)) {}
  bool valid() const override { return false; }
  void next() override {}
  void seek(std::string_view) override {}
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
  Status status() const override { return status_; }

 private:
  const Status status_;
};

std::optional<std::string> owned(std::optional<std::string_view> value) {
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

}  // namespace

class LoggedStore::Commit final : public state::BulkWrite {
 public:
  explicit Commit(LoggedStore& log) : log_(log) {}

  Status add(const state::Batch& batch) override {
    state::Batch& all = changes_->batch();
    for (const state::Batch::Change& change : batch.changes()) {
      if (change.kind == state::Batch::Kind::kEraseRange)
        all.erase_range(change.key, change.value);
      else if (change.kind == state::Batch::Kind::kErase)
        all.erase(change.key);
      else if (!key::is_of_the_whole(change.key) || log_.differs(change.key, change.value))
        all.put(change.key, change.value);
    }
    return Status::ok();
  }

  Status next_part() override { return Status::internal("a live commit has one part"); }

  Status commit() override {
    NUDGE_ASSIGN(Consumed consumed, log_.before_commit_());
    log_.transaction_.reached("commit noted");
    NUDGE_TRY(log_.transaction_.settle());
    {
      const std::lock_guard lock(log_.mutex_);
      log_.pending_ = changes_;
    }
    Transaction::Ending ending;
    ending.offsets = std::move(consumed.offsets);
    ending.group = std::move(consumed.group);
    ending.rest = [&log = log_, changes = changes_](const Transaction::Send& send) { return log.send(*changes, send); };
    ending.committed = [&log = log_, changes = changes_] { return log.write_committed(*changes); };
    return log_.transaction_.commit(std::move(ending));
  }

 private:
  LoggedStore& log_;
  const std::shared_ptr<PendingChanges> changes_ = std::make_shared<PendingChanges>();
};

// ---- the caller's threads -------------------------------------------------------------------------------

std::shared_ptr<const PendingChanges> LoggedStore::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_;
}

Result<std::optional<std::string>> LoggedStore::get(std::string_view key) const {
  if (const auto changes = pending())
    if (const auto found = changes->find(key)) return owned(found->value);
  return store_.get(key);
}

Status LoggedStore::multi_get(std::span<const std::string> keys,
                              std::vector<std::optional<std::string>>& values) const {
  const auto changes = pending();
  NUDGE_TRY(store_.multi_get(keys, values));
  if (!changes) return Status::ok();
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (const auto found = changes->find(keys[i])) values[i] = owned(found->value);
  return Status::ok();
}

std::unique_ptr<state::Cursor> LoggedStore::scan(std::string_view from, std::string_view until) const {
  if (Status settled = transaction_.settle(); !settled) return std::make_unique<FailedCursor>(std::move(settled));
  return store_.scan(from, until);
}

Status LoggedStore::write(const state::Batch& batch) {
  NUDGE_TRY(settle());
  return store_.write(batch);
}

Status LoggedStore::sync() {
  NUDGE_TRY(settle());
  return store_.sync();
}

Result<std::unique_ptr<state::BulkWrite>> LoggedStore::bulk_write() {
  return std::unique_ptr<state::BulkWrite>(std::make_unique<Commit>(*this));
}

bool LoggedStore::differs(std::string_view key, std::string_view value) {
  const Hash128 hash = hash128(value);
  const auto known = last_.find(key);
  if (known == last_.end()) {
    last_.emplace(key, hash);
    return true;
  }
  return std::exchange(known->second, hash) != hash;
}

// ---- the transaction's thread ---------------------------------------------------------------------------

Status LoggedStore::send(const PendingChanges& changes, const Transaction::Send& send) {
  if (!std::exchange(loaded_, true))
    for (const int partition : owned_) NUDGE_TRY(large_.load(store_, changelog_.prefix_of(partition)));
  const connectors::kafka::LargeValues::Send send_one = [&](std::string_view key,
                                                            std::optional<std::string_view> value) {
    return send(changelog_.topic, {.key = key, .value = value, .partition = changelog_.partition_of(key)});
  };
  const state::Batch::Sorted& sorted = changes.sorted();
  for (const state::Batch::Change& range : sorted.ranges) {
    const auto cursor = store_.scan(range.key, range.value);
    for (; cursor->valid(); cursor->next()) {
      const std::string_view key = cursor->key();
      const auto change = std::ranges::lower_bound(sorted.keys, key, {}, &state::Batch::Change::key);
      if (change != sorted.keys.end() && change->key == key) continue;
      NUDGE_TRY(large_.change(key, std::nullopt, send_one, besides_));
    }
    NUDGE_TRY(cursor->status());
  }
  for (const state::Batch::Change& change : sorted.keys) {
    const bool put = change.kind == state::Batch::Kind::kPut;
    NUDGE_TRY(large_.change(change.key, put ? std::optional(change.value) : std::nullopt, send_one, besides_));
  }
  transaction_.reached("changes sent");
  // Before the commit: where it succeeds, nobody else had written until then. Behind it another instance may have taken
  // over, and its changes would be taken for what this store has.
  return note_places(besides_);
}

Status LoggedStore::write_committed(const PendingChanges& changes) {
  // What is beside the changes holds for the commits before, too: it may be there without them.
  if (!besides_.empty()) NUDGE_TRY(store_.write(besides_));
  besides_.clear();
  NUDGE_TRY(store_.write(changes.batch()));
  transaction_.reached("store written");
  const std::lock_guard lock(mutex_);
  pending_.reset();
  return Status::ok();
}

// The end lies before this transaction's records, which are read once more from there: that costs little.
Status LoggedStore::note_places(state::Batch& batch) {
  const auto now = std::chrono::steady_clock::now();
  if (noted_ && now - *noted_ < kNotedEvery) return Status::ok();
  std::int64_t furthest = 0;
  for (const int partition : owned_) {
    const Millis at = connectors::kafka::wall_clock();
    NUDGE_ASSIGN(const Watermarks marks, admin_.watermarks({changelog_.topic, partition}));
    batch.put(place_key(changelog_, partition), encode(ChangelogPlace{marks.end, at}));
    furthest = std::max(furthest, marks.end);
  }
  // Before the first commit ever the topic is empty, and a state at its beginning would also fit one that is made anew.
  if (furthest > 0) noted_ = now;
  return Status::ok();
}

}  // namespace nudge::runtime
