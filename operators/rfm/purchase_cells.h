// How customers' orders are spread in time: what the purchase model is fitted to. Customers are counted in cells;
// counts and sums are integers, so that cells merge, and forget, exactly and in any order.
//
// A cell is: repeat orders (each number up to 15 has its own, above by eighths), time from the first order to the
// last (by quarters of it, finer for customers with many orders), and the day of the first order, or a range of days
// of 2^n that starts at a multiple of it, the longer the further it lies back: at most a quarter of its age. So there
// are at most some ten thousand cells, whatever the number of customers. Within a cell the mean and the covariance of
// both times are kept, to the minute: it is represented by four points that have the same. A cell with one customer
// is exact.
//
// Cells only ever grow together as time passes, so that every task's cells fit into those of a later time.
#pragma once

#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "operators/rfm/count_moments.h"
#include "operators/rfm/lifetime_model.h"
#include "operators/rfm/purchases.h"
#include "state/codec.h"

namespace nudge::rfm {

// Stands for so many customers; weights need not be whole.
struct WeightedHistory : PurchaseHistory {
  double weight = 0;
};

// What a likelihood is summed over: terms of x alone over `counts`, all others over `histories`.
struct PurchaseSample {
  std::vector<WeightedCount> counts;
  std::vector<WeightedHistory> histories;
};

class PurchaseCells {
 public:
  // A customer with these purchases comes (+1) or goes (−1). What is there may be a change alone: fewer than none.
  void add(const Purchases& purchases, int sign);
  void merge(const PurchaseCells& other);
  // Cells grow as far as they may at this time; an earlier one changes nothing.
  void advance(Millis now);
  Millis now() const { return now_; }

  std::int64_t customers() const;
  std::int64_t repeat_customers() const;  // with more than one order
  std::size_t size() const { return cells_.size(); }
  // Of whole customers: what came before is there, too.
  PurchaseSample sample(Millis as_of) const;

  void encode(Encoder& out) const;
  // Into an empty object. False where the bytes are none that encode() wrote.
  bool decode(Decoder& in);
  bool operator==(const PurchaseCells& other) const;

 private:
  using Key = std::uint64_t;  // bucket of x, bucket of t_x, first day: rising in x
  // Times in minutes; the first order's since the cell's first day.
  struct Cell {
    CountMoments counts;
    std::int64_t first = 0, t_x = 0;
    Int128 first_first = 0, first_t_x = 0, t_x_t_x = 0;  // sums of products

    void add(const Cell& other);
    // The same customers in a cell that begins so many minutes earlier.
    void move_back(std::int64_t minutes);
    bool operator==(const Cell&) const = default;
  };
  Key key_of(std::uint64_t x, Millis t_x, Millis first_at) const;
  // The key and its cell at the present time, where the cell was made at an earlier one.
  Key regrown(Key key, Cell& cell) const;
  void add_cell(Key key, const Cell& cell);
  std::vector<std::pair<Key, Cell>> sorted() const;

  Millis now_ = 0;
  absl::flat_hash_map<Key, Cell> cells_;  // none is all zero
};

}  // namespace nudge::rfm
