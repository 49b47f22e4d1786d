#include "engine/runtime/changelog.h"

#include <fmt/format.h>

#include <chrono>

#include "connectors/kafka/bounded_read.h"
#include "connectors/kafka/consumer.h"
#include "engine/runtime/state_keys.h"
#include "state/codec.h"

namespace nudge::runtime {
namespace {

using connectors::RawBatch;
using connectors::kafka::Admin;
using connectors::kafka::BoundedRead;
using connectors::kafka::Consumer;
using connectors::kafka::Milliseconds;
using connectors::kafka::TopicPartition;
using connectors::kafka::Watermarks;

constexpr std::size_t kRecordsAtOnce = 16'384, kBytesAtOnce = 4 << 20;
constexpr std::chrono::seconds kNotedEvery(10);
constexpr Milliseconds kStalledAfter(30'000);
// Half of what brokers keep tombstones for by default (delete.retention.ms).
constexpr Millis kTombstonesKept = 12 * kHour;

// In the store alone: up to where it has the changelog, and when that was.
std::string place_key() { return key::shared_prefix(key::kRun) + "changelog"; }

Millis wall_clock() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

void put_place(state::Batch& batch, const std::vector<std::int64_t>& ends) {
  std::string bytes;
  Encoder out(bytes);
  out.zigzag(wall_clock());
  out.varint(ends.size());
  for (const std::int64_t end : ends) out.zigzag(end);
  batch.put(place_key(), bytes);
}

Result<std::vector<Watermarks>> watermarks_of(const Changelog& changelog, const Admin& admin) {
  std::vector<Watermarks> marks;
  for (std::size_t partition = 0; partition < changelog.partitions(); ++partition) {
    NUDGE_ASSIGN(const Watermarks each, admin.watermarks({changelog.topic, static_cast<int>(partition)}));
    marks.push_back(each);
  }
  return marks;
}

std::vector<std::int64_t> ends_of(const std::vector<Watermarks>& marks) {
  std::vector<std::int64_t> ends;
  for (const Watermarks& each : marks) ends.push_back(each.end);
  return ends;
}

// From where the store goes on, by partition; it is emptied where it cannot.
Result<std::vector<std::int64_t>> starts_of(const Changelog& changelog, const std::vector<Watermarks>& marks,
                                            state::Store& store) {
  std::vector<std::int64_t> starts;
  for (const Watermarks& each : marks) starts.push_back(each.begin);
  NUDGE_ASSIGN(const auto stored, store.get(place_key()));
  Millis at = 0;
  std::vector<std::int64_t> ends;
  if (stored) {
    Decoder in(*stored);
    at = in.zigzag();
    ends.resize(in.count());
    for (std::int64_t& end : ends) end = in.zigzag();
    if (!in.ok()) ends.clear();
  }
  bool usable = stored && ends.size() == marks.size() && wall_clock() - at < kTombstonesKept;
  for (std::size_t i = 0; i < ends.size() && i < marks.size(); ++i) {
    if (ends[i] > marks[i].end)
      return Status::io(
          fmt::format("changelog {}/{}: ends at offset {}, but the state on this disk has it up to {}: the topic was "
                      "made anew or has "
                      "lost records; restore the topic, or remove engine.state_dir to begin with what the topic has",
                      changelog.topic, i, marks[i].end, ends[i]));
    usable = usable && ends[i] >= marks[i].begin;
  }
  if (usable) return ends;
  state::Batch nothing;
  nothing.erase_range(std::string(1, '\0'), std::string(3, '\xff'));
  NUDGE_TRY(store.write(nothing));
  return starts;
}

}  // namespace

int Changelog::partition_of(std::string_view key) const {
  const auto task =
      static_cast<std::uint32_t>(static_cast<unsigned char>(key[0]) << 8 | static_cast<unsigned char>(key[1]));
  return static_cast<int>(std::min(task, tasks));
}

Status restore(const Changelog& changelog, const connectors::kafka::Settings& settings, state::Store& store,
               const std::function<void(const RestoreProgress&)>& progress) {
  NUDGE_ASSIGN(const auto admin, Admin::make(settings));
  NUDGE_ASSIGN(const std::vector<Watermarks> marks, watermarks_of(changelog, *admin));
  NUDGE_ASSIGN(const std::vector<std::int64_t> starts, starts_of(changelog, marks, store));
  RestoreProgress now;
  for (std::size_t i = 0; i < marks.size(); ++i)
    now.records_total += static_cast<std::uint64_t>(marks[i].end - starts[i]);
  NUDGE_ASSIGN(const auto consumer, Consumer::make(settings, {}));
  RawBatch records;
  state::Batch changes;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (starts[i] >= marks[i].end) continue;
    const TopicPartition place{changelog.topic, static_cast<int>(i)};
    NUDGE_ASSIGN(const auto from, BoundedRead::start(*consumer, *admin, place, starts[i], marks[i].end, kStalledAfter));
    for (;;) {
      NUDGE_TRY(from->read(records, kRecordsAtOnce, kBytesAtOnce));
      if (records.lines.empty()) break;
      changes.clear();
      for (const RawBatch::Line& line : records.lines) {
        if (line.tombstone)
          changes.erase(records.key(line));
        else
          changes.put(records.key(line), records.raw(line));
      }
      NUDGE_TRY(store.write(changes));
      now.records += records.lines.size();
      if (progress) progress(now);
    }
  }
  changes.clear();
  put_place(changes, ends_of(marks));
  NUDGE_TRY(store.write(changes));
  return store.sync();
}

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
    NUDGE_TRY(log_.transaction_.commit(consumed.offsets, consumed.group));
    if (const auto now = std::chrono::steady_clock::now(); now - log_.noted_ >= kNotedEvery) {
      NUDGE_ASSIGN(const std::vector<Watermarks> marks, watermarks_of(log_.changelog_, log_.admin_));
      put_place(all_, ends_of(marks));
      log_.noted_ = now;
    }
    NUDGE_TRY(log_.store_.write(all_));
    log_.transaction_.reached("store written");
    return Status::ok();
  }

 private:
  Status send(std::string_view key, std::optional<std::string_view> value) {
    return log_.transaction_.send(log_.changelog_.topic,
                                  {.key = key, .value = value, .partition = log_.changelog_.partition_of(key)});
  }

  LoggedStore& log_;
  state::Batch all_;
};

Result<std::unique_ptr<state::BulkWrite>> LoggedStore::bulk_write() {
  return std::unique_ptr<state::BulkWrite>(std::make_unique<Commit>(*this));
}

}  // namespace nudge::runtime
