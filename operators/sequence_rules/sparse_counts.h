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
  using Cells = CompactVector<Cell>;

  void add(std::int32_t place, std::int64_t n) {
    auto cell = std::lower_bound(cells_.begin(), cells_.end(), place, is_before);
    if (cell == cells_.end() || cell->first != place) cell = cells_.insert(cell, {place, 0});
    cell->second = static_cast<std::int32_t>(cell->second + n);
    if (cell->second == 0) cells_.erase(cell);
  }
  // The same at a place that none is behind, and with an `n` of the sign of those before.
  void append(std::int32_t place, std::int32_t n) {
    if (cells_.empty() || cells_.back().first != place)
      cells_.push_back({place, n});
    else
      cells_.back().second += n;
  }
  void add(const SparseCounts& other, int sign = 1) {
    auto own = cells_.begin();
    auto from = other.cells_.begin();
    bool has_zero = false;
    // In their place, as long as there are places.
    for (; from != other.cells_.end(); ++from) {
      while (own != cells_.end() && own->first < from->first) ++own;
      if (own == cells_.end() || own->first != from->first) break;
      own->second += sign * from->second;
      has_zero = has_zero || own->second == 0;
    }
    if (from != other.cells_.end()) {
      Cells merged(cells_.begin(), own);
      merged.reserve(cells_.size() + static_cast<std::size_t>(other.cells_.end() - from));
      merge(own, cells_.end(), from, other.cells_.end(), sign, merged);
      cells_ = std::move(merged);
    }
    if (has_zero) erase_if(cells_, [](const Cell& cell) { return cell.second == 0; });
  }
  // What `a` has more than `b`; takes no memory where it has had as much before.
  void set_difference(const SparseCounts& a, const SparseCounts& b) {
    cells_.clear();
    merge(a.cells_.begin(), a.cells_.end(), b.cells_.begin(), b.cells_.end(), -1, cells_);
  }
  void clear() { cells_.clear(); }
  bool empty() const { return cells_.empty(); }
  const Cells& cells() const { return cells_; }

 private:
  static bool is_before(const Cell& cell, std::int32_t place) { return cell.first < place; }

  template <typename A, typename B>
  static void merge(A a, A a_end, B b, B b_end, int b_sign, Cells& merged) {
    while (a != a_end || b != b_end) {
      const bool is_a = b == b_end || (a != a_end && a->first <= b->first);
      const bool is_b = a == a_end || (b != b_end && b->first <= a->first);
      const std::int32_t place = is_a ? a->first : b->first;
      std::int32_t n = 0;
      if (is_a) n += (a++)->second;
      if (is_b) n += b_sign * (b++)->second;
      if (n != 0) merged.push_back({place, n});
    }
  }

  Cells cells_;  // by rising place
};

}  // namespace nudge::sequence_rules
