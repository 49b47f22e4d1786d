// How recency, frequency and money are spread over all customers with an order: integer counts that merge in any order.
//
// A small shop is held exactly, one by one. A larger one is held as counts of the last orders by hour, a DDSketch of
// the orders (exact below 1,024) and one of the net value (within 0.4 %). Small is a shop in which at most kExactMax
// customers ever had an order: that never shrinks, so the choice is the same however customers are spread over tasks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "engine/sketch.h"
#include "operators/rfm/cut_points.h"

namespace nudge::rfm {

class Population {
 public:
  static constexpr std::uint64_t kExactMax = 2'048;

  // A customer's standing changes; nothing means no order. `customer` is a hash of the id; `is_new`: it never had an
  // order before.
  void replace(std::uint64_t customer, const std::optional<Standing>& before, const std::optional<Standing>& after,
               bool is_new);
  // Adds other customers.
  void merge(const Population& other);
  std::uint64_t total() const { return orders_.total(); }
  // How many customers ever had an order, the one thing that does not follow from the customers there are: to be set
  // before they are added again.
  std::uint64_t ever() const { return ever_; }
  void set_ever(std::uint64_t customers) { ever_ = customers; }
  // Nothing without a customer.
  std::optional<CutPoints> cut_points() const;

  void encode(Encoder& out) const;
  // Into an empty object. False where the bytes are none that encode() wrote.
  bool decode(Decoder& in);
  bool operator==(const Population&) const = default;

 private:
  std::uint64_t ever_ = 0;  // customers that ever had an order
  BucketCounts last_order_hours_;
  DDSketch orders_{9}, net_{8};
  std::map<std::uint64_t, Standing> exact_;  // empty once `ever_` is above the limit
};

}  // namespace nudge::rfm
