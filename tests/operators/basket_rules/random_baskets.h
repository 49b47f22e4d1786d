// Baskets by chance for property tests: a few items are common, most are rare, and some go together.
#pragma once

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "operators/basket_rules/baskets.h"

namespace nudge::basket_rules {

inline std::vector<Item> random_basket(std::mt19937& random, Item items, std::size_t size_most) {
  std::set<Item> basket;
  const std::size_t size = random() % (size_most + 1);
  for (std::size_t i = 0; i < size; ++i) {
    const auto item = static_cast<Item>(std::min(random() % items, random() % items));
    basket.insert(item);
    if (item % 3 == 0 && random() % 2 == 0) basket.insert((item + 1) % items);
  }
  std::vector<Item> shuffled(basket.begin(), basket.end());
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  return shuffled;
}

inline Baskets random_baskets(std::mt19937& random, std::size_t count, Item items, std::size_t size_most) {
  Baskets baskets;
  for (std::size_t i = 0; i < count; ++i) baskets.add(random_basket(random, items, size_most));
  return baskets;
}

// How many baskets have all of these items, one by one.
inline std::int64_t count_of(const Baskets& baskets, const std::vector<Item>& items) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < baskets.size(); ++i)
    count += std::all_of(items.begin(), items.end(), [&](Item item) {
      return std::find(baskets[i].begin(), baskets[i].end(), item) != baskets[i].end();
    });
  return count;
}

}  // namespace nudge::basket_rules
