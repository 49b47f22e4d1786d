// Counts that are kept while baskets come and go, against mining afresh.
#include "operators/basket_rules/sliding_itemsets.h"

#include <gtest/gtest.h>

#include <map>

#include "operators/basket_rules/miner.h"
#include "tests/operators/basket_rules/random_baskets.h"

namespace nudge::basket_rules {
namespace {

using Counts = std::map<std::vector<Item>, std::uint64_t>;

Counts counts_of(const Itemsets& itemsets) {
  Counts counts;
  std::vector<Item> items;
  for (std::uint32_t set = 0; set < itemsets.size(); ++set) {
    itemsets.items(set, items);
    EXPECT_EQ(itemsets.find(items), set);
    std::sort(items.begin(), items.end());
    EXPECT_TRUE(counts.emplace(items, itemsets.count(set)).second) << "told twice";
  }
  return counts;
}

class Shop {
 public:
  Shop(unsigned seed, std::size_t items_most, std::size_t followed_most)
      : random_(seed), items_most_(items_most), sliding_(items_most, followed_most) {}

  void enter(std::vector<Item> basket) {
    const std::uint32_t id = next_id_++;
    sliding_.add(id, basket);
    baskets_[id] = std::move(basket);
  }
  void leave_oldest() { leave(baskets_.begin()->first); }
  void leave_any() {
    leave(std::next(baskets_.begin(), static_cast<std::ptrdiff_t>(random_() % baskets_.size()))->first);
  }
  std::size_t size() const { return baskets_.size(); }
  std::mt19937& random() { return random_; }
  SlidingItemsets& sliding() { return sliding_; }

  Counts afresh(std::uint64_t least, const Miner::Apart& apart) const {
    Baskets baskets;
    for (const auto& [id, basket] : baskets_) baskets.add(basket);
    MinerLimits limits;
    limits.least_count = least;
    limits.items_most = items_most_;
    Itemsets found;
    Miner().mine(baskets, limits, apart, found);
    return counts_of(found);
  }

 private:
  void leave(std::uint32_t id) {
    sliding_.remove(id);
    baskets_.erase(id);
  }

  std::mt19937 random_;
  std::size_t items_most_;
  SlidingItemsets sliding_;
  std::map<std::uint32_t, std::vector<Item>> baskets_;
  std::uint32_t next_id_ = 0;
};

TEST(SlidingItemsets, TellsWhatMiningAfreshTells) {
  std::size_t rebuilds = 0, updates = 0;
  for (unsigned seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    Shop shop(seed, seed % 3 == 0 ? SIZE_MAX : 1 + seed % 5, 100'000);
    std::mt19937& random = shop.random();
    const Item items = 4 + random() % 12;
    Miner::Apart apart(items);
    if (seed % 2 == 0) {
      apart[0].push_back(2);
      apart[2].push_back(0);
    }
    const std::uint64_t least = 8 + random() % 30;
    for (int i = 0; i < 250; ++i) shop.enter(random_basket(random, items, 6));
    for (int slide = 0; slide < 25; ++slide) {
      SCOPED_TRACE(slide);
      // What sells changes with time.
      const Item shift = static_cast<Item>(slide) % items;
      for (int i = static_cast<int>(random() % 25); i > 0; --i) {
        std::vector<Item> basket = random_basket(random, items, 6);
        for (Item& item : basket) item = (item + shift) % items;
        shop.enter(std::move(basket));
      }
      for (int i = static_cast<int>(random() % 25); i > 0 && shop.size() > 50; --i)
        random() % 4 == 0 ? shop.leave_any() : shop.leave_oldest();
      const std::uint64_t now = least + random() % 3;
      ASSERT_TRUE(shop.sliding().update(now, apart));
      Itemsets found;
      shop.sliding().tell(found);
      ASSERT_EQ(counts_of(found), shop.afresh(now, apart));
    }
    rebuilds += shop.sliding().rebuilds();
    updates += 25;
  }
  EXPECT_LT(rebuilds * 4, updates) << "most slides are to be counted by what changed";
}

TEST(SlidingItemsets, KnowsSizesAndCounts) {
  Shop shop(1, 4, 1'000);
  shop.enter({1, 2, 3});
  shop.enter({2});
  shop.enter({});
  shop.enter({2, 3});
  shop.leave_oldest();
  ASSERT_TRUE(shop.sliding().update(1, {}));
  EXPECT_EQ(shop.sliding().size(), 3u);
  EXPECT_EQ(shop.sliding().sizes(), (std::vector<std::uint32_t>{1, 1, 1, 0}));
  EXPECT_EQ(shop.sliding().count(2), 2);
  EXPECT_EQ(shop.sliding().count(1), 0);
  EXPECT_EQ(shop.sliding().count(99), 0);
}

TEST(SlidingItemsets, SaysWhereThereAreTooManySets) {
  Shop shop(1, SIZE_MAX, 500);
  std::vector<Item> large;
  for (Item item = 0; item < 40; ++item) large.push_back(item);
  for (int i = 0; i < 3; ++i) shop.enter(large);
  EXPECT_FALSE(shop.sliding().update(2, {}));
  shop.leave_oldest();
  shop.leave_oldest();
  shop.enter({1, 2});
  EXPECT_TRUE(shop.sliding().update(2, {}));
  Itemsets found;
  shop.sliding().tell(found);
  EXPECT_EQ(found.size(), 3u);
}

}  // namespace
}  // namespace nudge::basket_rules
