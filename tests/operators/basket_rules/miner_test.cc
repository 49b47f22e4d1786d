// The miner against counting every set of a few items, basket by basket.
#include "operators/basket_rules/miner.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>

#include "tests/operators/basket_rules/random_baskets.h"

namespace nudge::basket_rules {
namespace {

using Counts = std::map<std::vector<Item>, std::int64_t>;

bool are_apart(const std::vector<Item>& items, const Miner::Apart& apart) {
  for (const Item one : items)
    for (const Item other : items)
      if (one < apart.size() && std::find(apart[one].begin(), apart[one].end(), other) != apart[one].end()) return true;
  return false;
}

// Every set of items below `items` that is in `least` baskets.
Counts brute(const Baskets& baskets, Item items, const MinerLimits& limits, const Miner::Apart& apart) {
  Counts counts;
  for (std::uint32_t mask = 1; mask < 1u << items; ++mask) {
    if (static_cast<std::size_t>(std::popcount(mask)) > limits.items_most) continue;
    std::vector<Item> set;
    for (Item item = 0; item < items; ++item)
      if ((mask >> item & 1) != 0) set.push_back(item);
    const std::int64_t count = count_of(baskets, set);
    if (count >= static_cast<std::int64_t>(limits.least_count) && !are_apart(set, apart)) counts[set] = count;
  }
  return counts;
}

Counts counts_of(const Itemsets& itemsets) {
  Counts counts;
  std::vector<Item> items;
  for (std::uint32_t set = 0; set < itemsets.size(); ++set) {
    itemsets.items(set, items);
    EXPECT_EQ(itemsets.find(items), set);
    std::sort(items.begin(), items.end());
    EXPECT_TRUE(counts.emplace(items, itemsets.count(set)).second) << "found twice";
  }
  return counts;
}

TEST(Miner, FindsWhatCountingFinds) {
  Miner miner;  // one for all: nothing of an earlier run shows
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const Item items = 1 + random() % 10;
    const Baskets baskets = random_baskets(random, random() % 60, items, 1 + random() % 10);
    MinerLimits limits;
    limits.least_count = 1 + random() % 8;
    limits.items_most = random() % 2 == 0 ? SIZE_MAX : 1 + random() % 4;
    Miner::Apart apart;
    if (random() % 2 == 0) {
      apart.resize(items);
      const Item one = random() % items, other = random() % items;
      if (one != other) {
        apart[one].push_back(other);
        apart[other].push_back(one);
      }
    }
    Itemsets found;
    EXPECT_TRUE(miner.mine(baskets, limits, apart, found));
    EXPECT_EQ(counts_of(found), brute(baskets, items, limits, apart));
  }
}

TEST(Miner, ClosedSetsHaveNoLargerOneOfTheSameCount) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const Baskets baskets = random_baskets(random, 40, 8, 6);
    MinerLimits limits;
    limits.least_count = 1 + random() % 4;
    Itemsets found;
    ASSERT_TRUE(Miner().mine(baskets, limits, found));
    const Counts counts = counts_of(found);
    const std::vector<bool> closed = found.closed();
    std::vector<Item> items;
    for (std::uint32_t set = 0; set < found.size(); ++set) {
      found.items(set, items);
      std::sort(items.begin(), items.end());
      bool is_closed = true;
      for (const auto& [other, count] : counts)
        if (other.size() > items.size() && count == static_cast<std::int64_t>(found.count(set)) &&
            std::includes(other.begin(), other.end(), items.begin(), items.end()))
          is_closed = false;
      EXPECT_EQ(closed[set], is_closed);
    }
  }
}

TEST(Miner, StopsWhereThereAreTooManySets) {
  Baskets baskets;
  std::vector<Item> large;
  for (Item item = 0; item < 10'000; ++item) large.push_back(item);
  baskets.add(large);
  baskets.add(large);
  MinerLimits limits;
  limits.itemsets_most = 500;
  Itemsets found;
  EXPECT_FALSE(Miner().mine(baskets, limits, found));
  EXPECT_EQ(found.size(), 500u);
}

}  // namespace
}  // namespace nudge::basket_rules
