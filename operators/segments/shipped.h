// Segmentations that need no more than a name.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace nudge::segments {

struct Shipped {
  std::string_view name, of, meaning;
  std::span<const std::string_view> features;
  std::size_t k;  // 0: chosen
};

std::span<const Shipped> shipped();
std::span<const std::string_view> shipped_names();
// Null where there is none of this name.
const Shipped* find_shipped(std::string_view name);

}  // namespace nudge::segments
