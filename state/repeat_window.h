// Which hashes were inserted within a span of event time, or ever.
//
// Event time is cut into periods of a quarter of the span, each with a filter of its own; what was inserted in the
// current one or one of the four before it is a repeat, so a hash is remembered for the span at least and five quarters
// of it at most. Older periods are dropped whole. What is a repeat depends on the inserts and their times alone. One
// thread.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "engine/time.h"
#include "state/repeat_filter.h"

namespace nudge::state {

class RepeatWindow {
 public:
  // Keys begin with `prefix`. Reads back what the store has. `span` kNever: everything is remembered.
  static Result<RepeatWindow> load(const Store& store, std::string prefix, Millis span, std::size_t memory_bytes_max);

  // False for a hash that was inserted before. `at` never decreases. Fails where the store, or the last
  // write_changes(), did.
  Result<bool> insert(const Hash128& hash, Millis at);
  void prefetch(const Hash128& hash) const {
    for (const Period& period : periods_) period.filter.prefetch(hash);
  }
  // As RepeatFilter::write_changes.
  void write_changes(Batch& batch);
  std::size_t memory_bytes() const;

 private:
  struct Period {
    std::uint64_t number;
    RepeatFilter filter;
  };
  RepeatWindow(const Store& store, std::string prefix, Millis span, std::size_t memory_bytes_max);
  std::string prefix_of(std::uint64_t period) const;
  RepeatFilter fresh(std::uint64_t period) const { return {*store_, prefix_of(period), memory_bytes_each_}; }

  const Store* store_;
  std::string prefix_;
  Millis length_;  // of a period; kNever: there is one
  std::size_t memory_bytes_each_;
  std::deque<Period> periods_;          // the newest last
  std::vector<std::uint64_t> dropped_;  // since the last write_changes()
};

}  // namespace nudge::state
