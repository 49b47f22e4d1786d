// What customers' repeat orders are worth: what the value model is fitted to. Counts and sums are integers, as in
// PurchaseCells.
//
// A customer with repeat orders that are worth something is counted in the cell of their number (each up to 15, above
// by eighths) and of the logarithm of their value (by eighths of one). The logarithm is fixed-point, so that its
// sums are exact; a cell is represented by two points with the mean and the deviation of its logarithms.
#pragma once

#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "operators/rfm/count_moments.h"
#include "operators/rfm/purchases.h"
#include "state/codec.h"

namespace nudge::rfm {

// So many customers with x repeat orders, whose value in all has this logarithm (of units of currency).
struct WeightedValue {
  double x = 0, log_value = 0, weight = 0;
};

// Terms of x alone are summed over `counts`, all others over `values`.
struct ValueSample {
  std::vector<WeightedCount> counts;
  std::vector<WeightedValue> values;
};

class ValueCells {
 public:
  // A customer with these purchases comes (+1) or goes (−1).
  void add(const Purchases& purchases, int sign);
  void merge(const ValueCells& other);

  std::int64_t customers() const;
  std::size_t size() const { return cells_.size(); }
  ValueSample sample() const;

  void encode(Encoder& out) const;
  // Into an empty object. False where the bytes are none that encode() wrote.
  bool decode(Decoder& in);
  bool operator==(const ValueCells& other) const = default;

 private:
  using Key = std::uint64_t;  // bucket of x, bucket of the logarithm
  struct Cell {
    CountMoments counts;
    Int128 log = 0, log_log = 0;  // the logarithm is of millionths of the currency, in 2^-24
    void add(const Cell& other);
    bool operator==(const Cell&) const = default;
  };
  void add_cell(Key key, const Cell& cell);
  std::vector<std::pair<Key, Cell>> sorted() const;

  absl::flat_hash_map<Key, Cell> cells_;  // none is all zero
};

}  // namespace nudge::rfm
