// What the engine tells of itself while it works, for whoever runs it.
//
// The engine's threads change these figures, once a round or a commit and never once an event; any thread may read them
// at any time. It is known from the start which samples there are: labels are topics, outcomes, caches and classes of
// errors. Nothing of a customer, a visitor or a record is ever a label. Counters count from the start of the process.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/decode.h"
#include "engine/figure.h"
#include "engine/status.h"
#include "engine/topic.h"

namespace nudge {

// What the engine is about; it is ready for its users while it runs.
enum class Phase : std::uint8_t { kStarting, kRestoring, kRunning, kDraining };
inline constexpr std::array<std::string_view, 4> kPhaseNames = {"starting", "restoring", "running", "draining"};

struct ErrorClassName {
  ErrorClass error_class;
  std::string_view name;
};
inline constexpr std::array<ErrorClassName, 6> kErrorClasses = {{{ErrorClass::kUsage, "usage"},
                                                                 {ErrorClass::kBadData, "bad_data"},
                                                                 {ErrorClass::kUnavailable, "unavailable"},
                                                                 {ErrorClass::kInternal, "internal"},
                                                                 {ErrorClass::kInputOutput, "input_output"},
                                                                 {ErrorClass::kConfig, "config"}}};

struct Metrics {
  struct Input {
    Counter processed, dead_letters, duplicates;  // each record that was read is one of these
    Counter late;                                 // of the processed ones
    Gauge lag_records;                            // not read yet
    Gauge lag_seconds;                            // age of the oldest record that is not read yet, on the wall's clock
  };
  struct Cache {
    Counter hits, misses;  // a miss is looked up in the store
    Gauge entries, bytes;
  };
  enum CacheName : std::uint8_t { kCustomers, kVisitors, kTransactions };
  static constexpr std::array<std::string_view, 3> kCacheNames = {"customers", "visitors", "transactions"};

  std::atomic<Phase> phase = Phase::kStarting;
  std::array<Input, kTopicCount> inputs;
  std::array<Counter, kBadRecordClasses.size()> bad_records;  // dead letters by their error class
  Gauge watermark_seconds;                                    // event time, since 1970
  DurationHistogram commits;                                  // that succeeded
  Counter commits_failed, commit_bytes;
  Gauge restore_done, restore_total;  // records of the state, while it is restored
  std::array<Cache, kCacheNames.size()> caches;
  Gauge state_disk_bytes, state_memory_bytes;
  Counter state_written_bytes;
  Gauge memory_budget_bytes;
  std::array<Counter, kErrorClasses.size()> errors;  // failures that were met, retried ones too

  Input& input(Topic topic) { return inputs[static_cast<std::size_t>(topic)]; }
  void error(ErrorClass error_class, std::uint64_t n = 1);

  // Every figure that is known.
  std::vector<FigureFamily> families() const;
};

}  // namespace nudge
