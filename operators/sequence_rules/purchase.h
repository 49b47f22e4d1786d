// What one customer bought at one moment.
#pragma once

#include <algorithm>
#include <span>

#include "engine/time.h"
#include "operators/rules/item.h"

namespace nudge::sequence_rules {

using namespace rules;

struct Purchase {
  Millis time = 0;
  std::span<const Item> items;  // each once, rising
};

// Those at or before a time, of a customer's purchases in their order.
inline std::span<const Purchase> up_to(std::span<const Purchase> purchases, Millis time) {
  const auto behind = std::upper_bound(purchases.begin(), purchases.end(), time,
                                       [](Millis wanted, const Purchase& each) { return wanted < each.time; });
  return purchases.first(static_cast<std::size_t>(behind - purchases.begin()));
}

}  // namespace nudge::sequence_rules
