// Which products are new to the shop: first sold in the last eight weeks. Made by the global part from its shelf, and
// adopted by tasks with the version of the segmentation of products.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/time.h"
#include "operators/segments/product_sales.h"

namespace nudge::segments {

class NewProducts {
 public:
  static constexpr Millis kNewFor = 8 * kWeek;

  NewProducts() = default;
  // Nothing before sales of more than that are known: then everything would be new.
  static std::optional<NewProducts> of(const ProductSales& sales, Millis now);

  bool holds(std::string_view product) const;

  std::string encode() const;
  // Nothing where the bytes are none that encode() wrote.
  static std::optional<NewProducts> decode(std::string_view bytes);
  bool operator==(const NewProducts&) const = default;

 private:
  std::vector<std::uint64_t> hashes_;  // rising
};

}  // namespace nudge::segments
