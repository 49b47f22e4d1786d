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

}  // namespace

class LoggedStore::Commit final : public state::BulkWrite {
 public:
  explicit Commit(LoggedStore& log) : log_(log) {}

  Status add(const state::Batch&) override { return Status::internal("a live commit keeps its changes"); }
  Status add(state::Batch&& batch) override {
    changes_->batches.push_back(std::move(batch));
    return Status::ok();
  }
  Status next_part() override { return Status::internal("a live commit has one part"); }

  Status commit() override {
    NUDGE_ASSIGN(Consumed consumed, log_.before_commit_());
    log_.transaction_.reached("commit noted");
    NUDGE_TRY(log_.end_commit());
    NUDGE_TRY(log_.behind_.hand_on_when_due());
    NUDGE_TRY(list_changes());
    log_.behind_.add(changes_->list);
    Transaction::Ending ending;
    ending.offsets = std::move(consumed.offsets);
    ending.group = std::move(consumed.group);
    ending.rest = [&log = log_, changes = changes_](const Transaction::Send& send) { return log.send(*changes, send); };
    return log_.transaction_.commit(std::move(ending));
  }

 private:
  Status list_changes() {
    std::vector<state::Batch::Change>& list = changes_->list;
    std::vector<state::Batch::Change> ranges;
    for (const state::Batch& batch : changes_->batches)
      for (const state::Batch::Change& change : batch.changes()) {
        if (change.kind == state::Batch::Kind::kEraseRange)
          ranges.push_back(change);
        else if (!key::is_of_the_whole(change.key) || log_.differs(change.key, change.value))
          list.push_back(change);
      }
    if (ranges.empty()) return Status::ok();
    // They concern what was there before.
    NUDGE_ASSIGN(state::Batch erased, log_.keys_of(ranges));
    changes_->batches.push_back(std::move(erased));
    const auto& keys = changes_->batches.back().changes();
    list.insert(list.begin(), keys.begin(), keys.end());
    return Status::ok();
  }

  LoggedStore& log_;
  const std::shared_ptr<Changes> changes_ = std::make_shared<Changes>();
};

// ---- the caller's threads -------------------------------------------------------------------------------

Result<std::optional<std::string>> LoggedStore::get(std::string_view key) const { return behind_.get(key); }

Status LoggedStore::multi_get(std::span<const std::string> keys,
                              std::vector<std::optional<std::string>>& values) const {
  return behind_.multi_get(keys, values);
}

std::unique_ptr<state::Cursor> LoggedStore::scan(std::string_view from, std::string_view until) const {
  if (Status settled = settle(); !settled) return std::make_unique<FailedCursor>(std::move(settled));
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

Status LoggedStore::end_commit() const {
  const std::lock_guard lock(ending_);
  NUDGE_TRY(transaction_.settle());
  // It holds for the commits before, too: it may be there without this one's changes, and comes before the next one's.
  behind_.add(besides_.changes());
  besides_.clear();
  return Status::ok();
}

Status LoggedStore::settle() const {
  NUDGE_TRY(end_commit());
  return behind_.flush();
}

Result<state::Batch> LoggedStore::keys_of(std::span<const state::Batch::Change> ranges) const {
  NUDGE_TRY(behind_.flush());
  state::Batch erased;
  for (const state::Batch::Change& range : ranges) {
    const auto cursor = store_.scan(range.key, range.value);
    for (; cursor->valid(); cursor->next()) erased.erase(cursor->key());
    NUDGE_TRY(cursor->status());
  }
  return erased;
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

Status LoggedStore::send(const Changes& changes, const Transaction::Send& send) {
  if (!std::exchange(loaded_, true))
    for (const int partition : owned_) NUDGE_TRY(large_.load(store_, changelog_.prefix_of(partition)));
  const connectors::kafka::LargeValues::Send send_one = [&](std::string_view key,
                                                            std::optional<std::string_view> value) {
    return send(changelog_.topic, {.key = key, .value = value, .partition = changelog_.partition_of(key)});
  };
  for (const state::Batch::Change& change : changes.list) {
    const bool put = change.kind == state::Batch::Kind::kPut;
    NUDGE_TRY(large_.change(change.key, put ? std::optional(change.value) : std::nullopt, send_one, besides_));
  }
  transaction_.reached("changes sent");
  // Before the commit: where it succeeds, nobody else had written until then. Behind it another instance may have taken
  // over, and its changes would be taken for what this store has.
  return note_places();
}

// The end lies before this transaction's records, which are read once more from there: that costs little.
Status LoggedStore::note_places() {
  const auto now = std::chrono::steady_clock::now();
  if (noted_ && now - *noted_ < kNotedEvery) return Status::ok();
  std::int64_t furthest = 0;
  for (const int partition : owned_) {
    const Millis at = connectors::kafka::wall_clock();
    NUDGE_ASSIGN(const Watermarks marks, admin_.watermarks({changelog_.topic, partition}));
    besides_.put(place_key(changelog_, partition), encode(ChangelogPlace{marks.end, at}));
    furthest = std::max(furthest, marks.end);
  }
  // Before the first commit ever the topic is empty, and a state at its beginning would also fit one that is made anew.
  if (furthest > 0) noted_ = now;
  return Status::ok();
}

}  // namespace nudge::runtime
