#include "connectors/kafka/changelog.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "engine/log.h"
#include "state/codec.h"

namespace nudge::connectors::kafka {
namespace {

constexpr std::size_t kTaskBytes = 2;
constexpr char kPlace = 'y';
constexpr std::uint32_t kOfNoTask = 0xffff;
// By how much clocks on the wall may differ from each other.
constexpr Millis kClocksDiffer = kHour;

}  // namespace

int Changelog::partition_of(std::string_view key) const {
  NUDGE_CHECK(key.size() >= kTaskBytes, "a key begins with its task");
  const auto task =
      static_cast<std::uint32_t>(static_cast<unsigned char>(key[0]) << 8 | static_cast<unsigned char>(key[1]));
  if (task == kOfNoTask) return shared();
  NUDGE_CHECK(task < tasks, "a task has a partition of the changelog");
  return static_cast<int>(task);
}

std::string Changelog::prefix_of(int partition) const {
  const std::uint32_t task = partition == shared() ? kOfNoTask : static_cast<std::uint32_t>(partition);
  return {static_cast<char>(task >> 8), static_cast<char>(task)};
}

std::string place_key(const Changelog& changelog, int partition) { return changelog.prefix_of(partition) + kPlace; }

std::string encode(const ChangelogPlace& place) {
  std::string bytes;
  Encoder out(bytes);
  out.zigzag(place.next);
  out.zigzag(place.at);
  return bytes;
}

Result<std::optional<ChangelogPlace>> place_in(const state::Store& store, const Changelog& changelog, int partition) {
  NUDGE_ASSIGN(const auto stored, store.get(place_key(changelog, partition)));
  if (!stored) return std::optional<ChangelogPlace>();
  Decoder in(*stored);
  ChangelogPlace place;
  place.next = in.zigzag();
  place.at = in.zigzag();
  if (!in.ok()) return std::optional<ChangelogPlace>();
  return std::optional(place);
}

Millis wall_clock() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

Result<ChangelogPlace> begin_reading(const Changelog& changelog, int partition, const Watermarks& marks,
                                     Millis tombstones_kept, state::Store& store) {
  NUDGE_ASSIGN(const auto place, place_in(store, changelog, partition));
  if (place && place->next > marks.end)
    return Status::io(fmt::format(
        "changelog {}/{}: ends at offset {}, but the state on this disk has it up to {}: the topic was made "
        "anew or has lost records; restore the topic, or remove engine.state_dir to begin with what the "
        "topic has",
        changelog.topic, partition, marks.end, place->next));
  const Millis now = wall_clock();
  // Where it was noted in what is the future now, a clock was wrong, and how old the state is is not known.
  const bool is_young = place && place->at <= now + kClocksDiffer && now - place->at < tombstones_kept;
  if (is_young && place->next >= marks.begin) return *place;
  if (place)
    log::info("changelog partition={} is read from its beginning: the state had it up to offset={}, {} s ago",
              partition, place->next, (now - place->at) / kSecond);
  // Also without a place something may be there: of a first reading that did not come far.
  const std::string prefix = changelog.prefix_of(partition);
  state::Batch nothing;
  nothing.erase_range(prefix, prefix + std::string(1, '\xff'));
  NUDGE_TRY(store.write(nothing));
  return ChangelogPlace{marks.begin, now};
}

}  // namespace nudge::connectors::kafka
