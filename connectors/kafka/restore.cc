#include "connectors/kafka/restore.h"

#include <fmt/core.h>

#include <memory>
#include <optional>
#include <vector>

#include "connectors/kafka/bounded_read.h"
#include "connectors/kafka/large_values.h"
#include "connectors/kafka/latest_changes.h"

namespace nudge::connectors::kafka {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kRecordsAtOnce = 20'000, kBytesAtOnce = 4 << 20;
constexpr std::chrono::seconds kTellEvery(1);

class Restore {
 public:
  Restore(const Settings& settings, const Changelog& changelog, state::Store& store, const RestoreOptions& options)
      : settings_(settings), changelog_(changelog), store_(store), options_(options) {}

  Result<RestoreProgress> run(std::span<const int> partitions) {
    NUDGE_ASSIGN(admin_, Admin::make(settings_));
    for (const int partition : partitions) NUDGE_TRY(begin(partition));
    NUDGE_TRY(read());
    for (const int partition : partitions) NUDGE_TRY(join(partition));
    NUDGE_TRY(store_.sync());
    tell();
    return progress_;
  }

 private:
  struct Part {
    int partition = 0;
    ChangelogPlace place;  // up to where it is gathered or written
    std::int64_t end = 0;
    Millis end_at = 0;     // when that was the end
    bool changed = false;  // the place is not written yet
  };

  Status begin(int partition) {
    Part part;
    part.partition = partition;
    part.end_at = wall_clock();
    NUDGE_ASSIGN(const Watermarks marks, admin_->watermarks({changelog_.topic, partition}));
    part.end = marks.end;
    NUDGE_ASSIGN(part.place, begin_reading(changelog_, partition, marks, options_.tombstones_kept, store_));
    progress_.records_total += static_cast<std::uint64_t>(part.end - part.place.next);
    part.changed = true;  // also where nothing is to be read: the place holds longer now
    parts_.push_back(part);
    return Status::ok();
  }

  Status read() {
    LatestChanges changes(options_.memory_bytes_max / 2);
    std::unique_ptr<Consumer> consumer;
    std::vector<std::unique_ptr<BoundedRead>> reads(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      if (part.place.next >= part.end) continue;
      if (!consumer) {
        NUDGE_ASSIGN(consumer, Consumer::make(settings_, {.buffer_bytes_max = options_.memory_bytes_max / 2}));
      }
      NUDGE_ASSIGN(reads[i], BoundedRead::start(*consumer, *admin_, {changelog_.topic, part.partition}, part.place.next,
                                                part.end, options_.stalled_after));
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (reads[i]) NUDGE_TRY(read(*reads[i], parts_[i], changes));
      reads[i].reset();
      // Behind the last record there may be only marks of transactions.
      parts_[i].place = {parts_[i].end, parts_[i].end_at};
      parts_[i].changed = true;
    }
    return write(changes);
  }

  Status read(BoundedRead& from, Part& part, LatestChanges& changes) {
    for (;;) {
      NUDGE_TRY(from.read(batch_, kRecordsAtOnce, kBytesAtOnce));
      if (batch_.lines.empty()) return Status::ok();
      for (const RawBatch::Line& line : batch_.lines) {
        const std::string_view value = batch_.raw(line);
        changes.add(batch_.key(line), line.tombstone ? std::nullopt : std::optional(value));
        progress_.bytes += line.key_size + value.size();
      }
      progress_.records += batch_.lines.size();
      part.place.next = from.next();
      part.changed = true;
      if (changes.bytes() >= options_.memory_bytes_max / 2) NUDGE_TRY(write(changes));
      if (Clock::now() >= tell_at_) tell();
    }
  }

  Status write(LatestChanges& changes) {
    for (Part& part : parts_)
      if (std::exchange(part.changed, false)) changes.add(place_key(changelog_, part.partition), encode(part.place));
    return changes.write(store_);
  }

  Status join(int partition) {
    NUDGE_ASSIGN(const bool joined, join_large_values(store_, changelog_.prefix_of(partition)));
    if (joined) return Status::ok();
    return Status::error(
        ErrorClass::kUnavailable,
        fmt::format("changelog {}/{}: parts of different values were read: another instance was still writing; read "
                    "on, or remove engine.state_dir where this comes again",
                    changelog_.topic, partition));
  }

  void tell() {
    if (options_.progress) options_.progress(progress_);
    tell_at_ = Clock::now() + kTellEvery;
  }

  const Settings& settings_;
  const Changelog& changelog_;
  state::Store& store_;
  const RestoreOptions& options_;
  std::unique_ptr<Admin> admin_;
  std::vector<Part> parts_;
  RawBatch batch_;
  RestoreProgress progress_;
  Clock::time_point tell_at_ = Clock::now() + kTellEvery;
};

}  // namespace

Result<RestoreProgress> restore(const Settings& settings, const Changelog& changelog, std::span<const int> partitions,
                                state::Store& store, const RestoreOptions& options) {
  return Restore(settings, changelog, store, options).run(partitions);
}

}  // namespace nudge::connectors::kafka
