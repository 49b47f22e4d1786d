// What was sold of each product, by week: sums over sale lines, exact, so that sales come and go in any order.
//
// The same class holds a task's changes of an epoch and, in the global part, all of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/decimal.h"
#include "engine/event.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge::segments {

struct ProductSums {
  std::int64_t lines = 0, costed_lines = 0, listed_lines = 0;
  Int128 units = 0;  // milli
  Nano value = 0, list_value = 0, discount = 0, margin = 0;
  bool operator==(const ProductSums&) const = default;
  void add(const ProductSums& other);
};

class ProductSales {
 public:
  struct Product {
    std::map<std::int64_t, ProductSums> weeks;  // counted from 1970; never zero
    std::int64_t first_week = kNoWeek;          // the earliest that was forgotten
    bool operator==(const Product&) const = default;

    std::int64_t first() const;
    ProductSums sum() const;
  };
  static constexpr std::int64_t kNoWeek = INT64_MAX;

  // The lines of a sale hold from now on, or no more. Other transactions are passed over.
  void apply(const Event& transaction) { change(transaction, 1); }
  void retract(const Event& transaction) { change(transaction, -1); }
  void merge(const ProductSales& other);
  // Weeks that ended before `time` are forgotten, but for which was the first.
  void forget_before(Millis time);
  // Of more than `most` products those with the least value go. How many went.
  std::size_t limit(std::size_t most);

  // One of the products.
  ProductSales only(std::string_view product) const;
  const std::map<std::string, Product, std::less<>>& products() const { return products_; }
  void clear() { products_.clear(); }

  void encode(Encoder& out) const;
  bool decode(Decoder& in);
  bool operator==(const ProductSales&) const = default;

 private:
  void change(const Event& transaction, int sign);
  void add(std::string_view product, std::int64_t week, const ProductSums& sums);

  std::map<std::string, Product, std::less<>> products_;
};

}  // namespace nudge::segments
