// Makes of a changelog what the store was when it was last committed.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "connectors/kafka/changelog.h"

namespace nudge::connectors::kafka {

struct RestoreProgress {
  std::uint64_t records = 0, bytes = 0;  // that were read: of keys and values
  std::uint64_t records_total = 0;       // offsets, of which some may be gone by compaction
};

struct RestoreOptions {
  std::size_t memory_bytes_max = 128 << 20;  // about: half for what was fetched, half for what is sorted
  // After about each second, and at the end; nothing: nobody is told.
  std::function<void(const RestoreProgress&)> progress;
  Millis tombstones_kept = kTombstonesKept;
  Milliseconds stalled_after{30'000};
};

// Brings the store to the committed end of the partitions, each from where the store has it, and notes the new places
// together with the changes, in large sorted writes: a restore that is interrupted goes on from the last of them. A
// partition that has fallen behind too far is emptied, alone, and read from its beginning.
//
// Whoever wrote to the partitions must have been taken over before (Producer::initialise): a commit is answered some
// milliseconds before readers see it, and an end that moves is no end.
Result<RestoreProgress> restore(const Settings& settings, const Changelog& changelog, std::span<const int> partitions,
                                state::Store& store, const RestoreOptions& options);

}  // namespace nudge::connectors::kafka
