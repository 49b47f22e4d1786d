// An order's composition as a short vector, so that orders can be compared: every item has a code of 64 signs, which
// follows from its name; an order is the sum of its items' codes, rare items counting for more, scaled to length 1
// (Achlioptas, Database-friendly random projections, 2003). Orders with the same items lie at the same place; without
// a common one they are about √2 apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace nudge::segments {

inline constexpr std::size_t kOrderDimensions = 64;
using OrderVector = std::array<float, kOrderDimensions>;

// Numbers of items, rising, each once.
using Composition = std::vector<std::uint32_t>;

class OrderVectors {
 public:
  // An item weighs log(orders / those with it) among `orders`, and nothing if it is in none or in all. `codes` are
  // hashes of the items' names, by number.
  OrderVectors(std::span<const Composition> orders, std::vector<std::uint64_t> codes);
  // Nothing where no item weighs anything. Items may be unknown.
  std::optional<OrderVector> of(const Composition& order) const;

 private:
  std::vector<std::uint64_t> codes_;
  std::vector<double> weights_;
};

}  // namespace nudge::segments
