#include "connectors/kafka/standby.h"

#include <algorithm>
#include <utility>

#include "engine/log.h"

namespace nudge::connectors::kafka {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kRecordsAtOnce = 20'000, kBytesAtOnce = 1 << 20;
constexpr Milliseconds kLookEvery(50);
constexpr std::chrono::seconds kTryAgain(1);
// So often a place says anew that it is the end, though nothing comes.
constexpr Millis kConfirmedEvery = 5 * kMinute;

}  // namespace

Standby::Standby(Settings settings, Changelog changelog, state::Store& store, const StandbyOptions& options)
    : settings_(std::move(settings)),
      changelog_(std::move(changelog)),
      store_(store),
      options_(options),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

Standby::~Standby() = default;

void Standby::follow(std::vector<int> partitions) {
  std::unique_lock lock(mutex_);
  wanted_ = std::move(partitions);
  const std::uint64_t version = ++version_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return served_ >= version; });
}

Status Standby::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Standby::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    const std::vector<int> partitions = wanted_;
    const std::uint64_t version = served_ = version_;
    caught_up_ = false;
    changed_.notify_all();
    if (partitions.empty()) {
      changed_.wait(lock, stop, [&] { return version_ != version; });
      continue;
    }
    lock.unlock();
    const Status ended = follow_while(partitions, [&] {
      const std::lock_guard look(mutex_);
      return version_ == version && !stop.stop_requested();
    });
    if (ended) continue;
    lock.lock();
    if (status_ || status_.message() != ended.message()) log::warn("standby: {}; tries again", ended.message());
    status_ = ended;
    changed_.wait_for(lock, stop, kTryAgain, [&] { return version_ != version; });
  }
}

Status Standby::follow_while(const std::vector<int>& partitions, const std::function<bool()>& goes_on) {
  NUDGE_ASSIGN(const auto admin, Admin::make(settings_));
  std::vector<Followed> all;
  std::vector<PartitionStart> starts;
  for (const int partition : partitions) {
    Followed followed;
    followed.source = {changelog_.topic, partition};
    NUDGE_ASSIGN(const Watermarks marks, admin->watermarks(followed.source));
    NUDGE_ASSIGN(followed.place, begin_reading(changelog_, partition, marks, options_.tombstones_kept, store_));
    followed.goal = marks.end;
    starts.push_back({followed.source, followed.place.next, std::nullopt});
    all.push_back(std::move(followed));
  }
  NUDGE_ASSIGN(const auto consumer, Consumer::make(settings_, {.buffer_bytes_max = options_.memory_bytes_max / 2}));
  NUDGE_TRY(consumer->assign(std::move(starts)));
  LatestChanges changes(options_.memory_bytes_max / 2);
  for (auto write_at = Clock::now() + options_.write_every; goes_on();) {
    consumer->wait(std::min(kLookEvery, options_.write_every));
    for (Followed& followed : all) NUDGE_TRY(read(*consumer, *admin, followed, changes));
    if (Clock::now() < write_at && changes.bytes() < options_.memory_bytes_max / 2) continue;
    NUDGE_TRY(write(all, changes));
    write_at = Clock::now() + options_.write_every;
  }
  return write(all, changes);
}

Status Standby::read(Consumer& consumer, const Admin& admin, Followed& followed, LatestChanges& changes) {
  RawBatch batch;
  Millis now = wall_clock();
  NUDGE_ASSIGN(const auto read, consumer.read(followed.source, batch, kRecordsAtOnce, kBytesAtOnce, Milliseconds(0)));
  if (read == Consumer::Read::kRecords) {
    for (const RawBatch::Line& line : batch.lines)
      changes.add(batch.key(line), line.tombstone ? std::nullopt : std::optional(batch.raw(line)));
    followed.place.next = static_cast<std::int64_t>(batch.lines.back().offset) + 1;
    records_ += batch.lines.size();
  }
  const bool was_at_end = std::exchange(followed.at_end, !consumer.behind(followed.source));
  if (!followed.at_end) return Status::ok();
  if (read != Consumer::Read::kRecords && was_at_end) {
    // That nothing comes does not say that there is nothing, but for a broker that answers.
    if (now - followed.place.at < kConfirmedEvery) return Status::ok();
    NUDGE_TRY(admin.watermarks(followed.source).status());
    if (consumer.behind(followed.source)) return Status::ok();
  }
  followed.place.at = now;
  return Status::ok();
}

Status Standby::write(std::vector<Followed>& all, LatestChanges& changes) {
  bool caught_up = true;
  for (Followed& followed : all) {
    caught_up = caught_up && (followed.at_end || followed.place.next >= followed.goal);
    if (followed.place.next == followed.written.next && followed.place.at == followed.written.at) continue;
    followed.written = followed.place;
    changes.add(place_key(changelog_, followed.source.partition), encode(followed.place));
  }
  NUDGE_TRY(changes.write(store_));
  caught_up_ = caught_up;
  const std::lock_guard lock(mutex_);
  status_ = Status::ok();
  return Status::ok();
}

}  // namespace nudge::connectors::kafka
