// Integers by place, most of which are 0: bins of a gap, weeks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "engine/compact_vector.h"

namespace nudge::sequence_rules {

class SparseCounts {
 public:
  using Cell = std::pair<std::int32_t, std::int32_t>;  // place, count; never 0

  void add(std::int32_t place, std::int64_t n) {
    auto cell = std::lower_bound(cells_.begin(), cells_.end(), place,
                                 [](const Cell& each, std::int32_t wanted) { return each.first < wanted; });
    if (cell == cells_.end() || cell->first != place) cell = cells_.insert(cell, {place, 0});
    cell->second = static_cast<std::int32_t>(cell->second + n);
    if (cell->second == 0) cells_.erase(cell);
  }
  void add(const SparseCounts& other, int sign = 1) {
    for (const auto& [place, n] : other.cells_) add(place, sign * std::int64_t{n});
  }
  bool empty() const { return cells_.empty(); }
  const CompactVector<Cell>& cells() const { return cells_; }

 private:
  CompactVector<Cell> cells_;  // by rising place
};

}  // namespace nudge::sequence_rules
