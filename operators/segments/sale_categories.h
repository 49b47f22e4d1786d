// How many different categories the newest sales of a customer had, as the products were known when each came: a sale
// that is taken back must leave with what it was counted with, whatever is known of its products by then.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/event.h"
#include "engine/product_catalog.h"
#include "state/codec.h"

namespace nudge::segments {

// Of the lines whose product is known with a category; unknown where none is.
class CategoryCount {
 public:
  CategoryCount() = default;
  CategoryCount(const Event& sale, const ProductCatalog& products);
  std::optional<std::uint32_t> known() const { return count_ > 0 ? std::optional(count_) : std::nullopt; }

  void encode(Encoder& out) const { out.varint(count_); }
  void decode(Decoder& in) { count_ = static_cast<std::uint32_t>(in.varint()); }

 private:
  std::uint32_t count_ = 0;
};

class SaleCategories {
 public:
  static constexpr std::size_t kSalesMost = 64;

  // `transaction` is a hash of its id.
  void keep(std::uint64_t transaction, CategoryCount count);
  // Forgotten with it. Nothing where the sale came too long ago.
  std::optional<CategoryCount> take(std::uint64_t transaction);

  std::size_t memory_bytes() const { return sales_.capacity() * sizeof(Sale); }
  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 private:
  struct Sale {
    std::uint64_t transaction = 0;
    CategoryCount count;
  };
  std::vector<Sale> sales_;  // the oldest first
};

}  // namespace nudge::segments
