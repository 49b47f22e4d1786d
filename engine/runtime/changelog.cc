#include "engine/runtime/changelog.h"

#include <algorithm>
#include <utility>

#include "engine/runtime/state_keys.h"

namespace nudge::runtime {
namespace {

using connectors::kafka::ChangelogPlace;
using connectors::kafka::Watermarks;

constexpr std::chrono::seconds kNotedEvery(10);

}  // namespace

class LoggedStore::Commit final : public state::BulkWrite {
 public:
  explicit Commit(LoggedStore& log) : log_(log) {}

  Status add(const state::Batch& batch) override {
    const state::Batch::Sorted sorted = batch.sorted();
    for (const state::Batch::Change& range : sorted.ranges) {
      const auto cursor = log_.store_.scan(range.key, range.value);
      for (; cursor->valid(); cursor->next()) NUDGE_TRY(send(cursor->key(), std::nullopt));
      NUDGE_TRY(cursor->status());
      all_.erase_range(range.key, range.value);
    }
    for (const state::Batch::Change& change : sorted.keys) {
      const bool put = change.kind == state::Batch::Kind::kPut;
      if (put && key::is_of_the_whole(change.key) && !log_.differs(change.key, change.value)) continue;
      NUDGE_TRY(send(change.key, put ? std::optional(change.value) : std::nullopt));
      if (put)
        all_.put(change.key, change.value);
      else
        all_.erase(change.key);
    }
    return Status::ok();
  }

  Status next_part() override { return Status::internal("a live commit has one part"); }

  Status commit() override {
    log_.transaction_.reached("changes sent");
    NUDGE_ASSIGN(const Consumed consumed, log_.before_commit_());
    log_.transaction_.reached("commit noted");
    // Before the commit: where it succeeds, nobody else had written until then. Behind it another instance may have
    // taken over, and its changes would be taken for what this store has.
    NUDGE_TRY(log_.note_places(all_));
    NUDGE_TRY(log_.transaction_.commit(consumed.offsets, consumed.group));
    NUDGE_TRY(log_.store_.write(all_));
    log_.transaction_.reached("store written");
    return Status::ok();
  }

 private:
  Status send(std::string_view key, std::optional<std::string_view> value) {
    return log_.large_.change(
        key, value,
        [this](std::string_view name, std::optional<std::string_view> content) {
          return log_.transaction_.send(
              log_.changelog_.topic, {.key = name, .value = content, .partition = log_.changelog_.partition_of(name)});
        },
        all_);
  }

  LoggedStore& log_;
  state::Batch all_;
};

Result<std::unique_ptr<state::BulkWrite>> LoggedStore::bulk_write() {
  if (!loaded_)
    for (const int partition : owned_) NUDGE_TRY(large_.load(store_, changelog_.prefix_of(partition)));
  loaded_ = true;
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
