// The support that sizes alone explain, against swapping items between baskets.
#include "operators/basket_rules/size_null.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/operators/basket_rules/random_baskets.h"

namespace nudge::basket_rules {
namespace {

SizeNull null_of(const Baskets& baskets) {
  std::vector<std::uint32_t> sizes, counts;
  for (std::size_t i = 0; i < baskets.size(); ++i) {
    if (sizes.size() <= baskets[i].size()) sizes.resize(baskets[i].size() + 1);
    ++sizes[baskets[i].size()];
    for (const Item item : baskets[i]) {
      if (counts.size() <= item) counts.resize(item + 1);
      ++counts[item];
    }
  }
  return SizeNull(sizes, counts);
}

TEST(SizeNull, MeetsEveryItemsCount) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const Baskets baskets = random_baskets(random, 300, 30, 10);
    const SizeNull null = null_of(baskets);
    for (Item item = 0; item < 30; ++item) {
      const auto count = static_cast<double>(count_of(baskets, {item}));
      EXPECT_NEAR(null.expected(std::span(&item, 1)), count, 1e-3 * (1 + count));
    }
  }
}

// What a long chain of swaps that keep all margins gives on the average.
TEST(SizeNull, IsWhatSwapsGive) {
  std::mt19937 random(7);
  std::vector<std::set<Item>> baskets;
  Baskets given;
  for (int i = 0; i < 400; ++i) {
    const std::vector<Item> basket = random_basket(random, 12, i % 5 == 0 ? 9 : 3);
    baskets.emplace_back(basket.begin(), basket.end());
    given.add(basket);
  }
  const SizeNull null = null_of(given);
  const std::vector<std::vector<Item>> sets = {{0, 1}, {0, 1, 2}, {3, 5}, {2, 4}, {0, 2, 3}};
  std::vector<double> sums(sets.size());
  int samples = 0;
  for (int step = 0; step < 4'000'000; ++step) {
    std::set<Item>& one = baskets[random() % baskets.size()];
    std::set<Item>& other = baskets[random() % baskets.size()];
    if (one.empty() || other.empty()) continue;
    const Item mine = *std::next(one.begin(), static_cast<std::ptrdiff_t>(random() % one.size()));
    const Item theirs = *std::next(other.begin(), static_cast<std::ptrdiff_t>(random() % other.size()));
    if (!one.contains(theirs) && !other.contains(mine)) {
      one.erase(mine);
      one.insert(theirs);
      other.erase(theirs);
      other.insert(mine);
    }
    if (step < 400'000 || step % 4'000 != 0) continue;
    ++samples;
    for (std::size_t i = 0; i < sets.size(); ++i)
      for (const auto& basket : baskets)
        sums[i] += std::all_of(sets[i].begin(), sets[i].end(), [&](Item item) { return basket.contains(item); });
  }
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const double mean = sums[i] / samples;
    EXPECT_NEAR(null.expected(sets[i]), mean, 0.05 * mean + 0.5) << i;
  }
}

TEST(SizeNull, OddShops) {
  Baskets baskets;
  const Item only = 3;
  EXPECT_EQ(null_of(baskets).expected(std::span(&only, 1)), 0);
  baskets.add(std::span(&only, 1));
  baskets.add({});
  baskets.add(std::span(&only, 1));
  EXPECT_NEAR(null_of(baskets).expected(std::span(&only, 1)), 2, 1e-2);
}

}  // namespace
}  // namespace nudge::basket_rules
