// Who bought what in which kind of order, and when: lines of sales by product, week, the customer's segment and the
// order's. Integers, so that sales come and go in any order.
//
// The same class holds a task's changes of an epoch and, in the global part, all of it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/event.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge::segments {

// Of a sale when it was made; numbers of segments that stay.
struct Circumstance {
  std::int64_t week = 0;
  std::int32_t customer = 0, order = 0;
  auto operator<=>(const Circumstance&) const = default;
};

// How large orders are: lines of one order are no independent witnesses.
struct OrderSizes {
  std::int64_t orders = 0, lines = 0, squares = 0;  // of lines
  bool operator==(const OrderSizes&) const = default;
};

class Purchases {
 public:
  using Counts = std::map<Circumstance, std::int64_t>;  // never 0

  // All lines of a sale; `sign` is 1 or −1.
  void add(const Event& sale, const Circumstance& circumstance, int sign);
  void merge(const Purchases& other);
  // Weeks that ended before `time` are forgotten.
  void forget_before(Millis time);
  // The earliest weeks are forgotten until at most `most` counts are left. How many counts went.
  std::size_t limit(std::size_t most);
  bool empty() const { return by_product_.empty() && sizes_.empty(); }
  void clear();
  std::size_t size() const { return size_; }  // counts

  const std::map<std::string, Counts, std::less<>>& by_product() const { return by_product_; }
  const std::map<std::int64_t, OrderSizes>& sizes() const { return sizes_; }  // by week
  // One of the products, without sizes; and the sizes alone.
  Purchases only(std::string_view product) const;
  Purchases only_sizes() const;

  void encode(Encoder& out) const;
  bool decode(Decoder& in);
  bool operator==(const Purchases&) const = default;

 private:
  void add(std::string_view product, const Circumstance& circumstance, std::int64_t n);
  void add(std::int64_t week, const OrderSizes& sizes);

  std::map<std::string, Counts, std::less<>> by_product_;
  std::map<std::int64_t, OrderSizes> sizes_;
  std::size_t size_ = 0;
};

}  // namespace nudge::segments
