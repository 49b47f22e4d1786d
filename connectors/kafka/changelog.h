// Changelogs: a compacted topic holds the keys and values of a store, so that another instance, or this one on an empty
// disk, can make the store again.
//
// A key begins with its task, two bytes, the higher first; the task is the partition. What belongs to no task (0xffff)
// goes to the last partition. A record's key is the key, its value the value, null where it was erased; values that are
// too large for a record travel in parts (large_values.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/kafka/admin.h"
#include "state/store.h"

namespace nudge::connectors::kafka {

// What a changelog is called, and how many tasks write to it.
struct Changelog {
  std::string topic;
  std::uint32_t tasks = 1;

  int partitions() const { return static_cast<int>(tasks) + 1; }
  int shared() const { return static_cast<int>(tasks); }  // the partition of what belongs to no task
  // `key` has at least two bytes, and its task a partition.
  int partition_of(std::string_view key) const;
  // The two bytes with which all keys of a partition begin.
  std::string prefix_of(int partition) const;
};

// Up to where a store has a partition. It is a key of the store, under the partition's prefix, which no record has.
struct ChangelogPlace {
  std::int64_t next = 0;  // the first offset that is not in the store
  // Whatever the store has and a record behind `next` erases was still in the topic at this time: the tombstone is
  // there until delete.retention.ms have passed since.
  Millis at = 0;
};
std::string place_key(const Changelog& changelog, int partition);
std::string encode(const ChangelogPlace& place);
// Nothing where the store has nothing of the partition.
Result<std::optional<ChangelogPlace>> place_in(const state::Store& store, const Changelog& changelog, int partition);

// The time on the wall, which says how long ago a store was at its place, and nothing else.
Millis wall_clock();

// Half of what brokers keep tombstones for by default.
inline constexpr Millis kTombstonesKept = 12 * kHour;

// Where reading a partition into the store begins. What the store has of it is erased where that has fallen behind too
// far: by more than `tombstones_kept` or by nobody knows how much, or further than the topic begins. kInputOutput, with
// what to do, where the topic ends before what the store has.
Result<ChangelogPlace> begin_reading(const Changelog& changelog, int partition, const Watermarks& marks,
                                     Millis tombstones_kept, state::Store& store);

}  // namespace nudge::connectors::kafka
