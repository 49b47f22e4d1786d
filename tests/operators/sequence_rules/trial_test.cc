// Later sales as evidence: tables against their definition, and what they say of shops with and without a sequence.
#include "operators/sequence_rules/trial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

#include "operators/rules/evidence.h"

namespace nudge::sequence_rules {
namespace {

// A shop of products a to e, each an item of its own.
class Shop {
 public:
  Shop() : window_(kDay), items_({Template::parse("{product_id}").value()}, PriceLevels({})) {}

  void sell(std::uint64_t customer, Millis time, const std::vector<int>& bought) {
    std::vector<Line> lines;
    for (const int each : bought)
      lines.push_back(
          Line::of(products_.number_of(std::string(1, static_cast<char>('a' + each))), DiscountLevel::kUnknown));
    window_.add({customer, 1}, ++transactions_, time, lines);
  }
  Histories histories(Millis from, Millis until) {
    window_.settle();
    return Histories(from, until, window_, products_, items_);
  }
  Item item(int each) { return items_.number_of(std::string(1, static_cast<char>('a' + each))); }

 private:
  Products products_;
  SaleWindow window_;
  ItemTable items_;
  std::uint64_t transactions_ = 0;
};

const Segment kAll{"all", "customers", "true", true, 0};

bool has(const Purchase& purchase, Item item) {
  return std::find(purchase.items.begin(), purchase.items.end(), item) != purchase.items.end();
}

// Purchase by purchase: is the customer in a spell when it comes?
Table defined(const Histories& histories, Item antecedent, Item consequent, const Clock& clock, Millis after) {
  Table table;
  histories.for_each(kAll, [&](std::span<const Purchase> purchases) {
    Millis start = -1;
    std::set<Millis> weeks;
    for (const Purchase& purchase : purchases) {
      if (start >= 0 && (purchase.time - start) / clock.bin >= clock.bins) start = -1;
      const bool counts = purchase.time > after && weeks.insert(purchase.time / kWeek).second;
      const bool in_spell = start > clock.from, is_event = has(purchase, consequent);
      if (counts) {
        table.total += 1;
        table.first += in_spell;
        table.second += is_event;
        table.both += in_spell && is_event;
      }
      if (start >= 0 && is_event) start = -1;
      if (start < 0 && has(purchase, antecedent)) start = purchase.time;
    }
  });
  return table;
}

TEST(Trial, TablesAreWhatTheyAreDefinedToBe) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Shop shop;
    for (std::uint64_t customer = 1; customer <= 25; ++customer)
      for (unsigned left = random() % 14; left > 0; --left) {
        std::vector<int> bought;
        for (int each = 0; each < 5; ++each)
          if (random() % 3 == 0) bought.push_back(each);
        shop.sell(customer, static_cast<Millis>(1 + random() % 200) * kDay / 2, bought);
      }
    const Histories histories = shop.histories(0, 90 * kDay);
    const Clock clock{kWeek, 4, 20 * kDay, 90 * kDay};
    const Millis after = 45 * kDay;
    const Trial trial(histories, kAll, clock, after);
    for (int a = 0; a < 5; ++a) {
      std::vector<Item> consequents;
      for (int c = 0; c < 5; ++c) consequents.push_back(shop.item(c));
      const auto tables = trial.tables(shop.item(a), consequents);
      for (std::size_t c = 0; c < 5; ++c) {
        Table sum;
        for (const Table& table : tables[c]) {
          EXPECT_TRUE(table.is_good());
          sum += table;
        }
        EXPECT_EQ(sum, defined(histories, shop.item(a), consequents[c], clock, after)) << a << ", then " << c;
      }
    }
  }
}

// The e-value of `a`, then `b`, of a shop in which b follows a, or does not.
double log_e(unsigned seed, bool follows) {
  std::mt19937 random(seed);
  Shop shop;
  const auto chance = [&](double probability) { return std::bernoulli_distribution(probability)(random); };
  for (std::uint64_t customer = 1; customer <= 200; ++customer) {
    bool had_a = false;
    for (int visit = 0; visit < 12; ++visit) {
      std::vector<int> bought{2 + static_cast<int>(random() % 3)};
      if (chance(follows && had_a ? 0.25 : 0.08)) {
        bought.push_back(1);
        had_a = false;
      }
      if (chance(0.3)) bought.push_back(0);
      had_a = had_a || bought.back() == 0;
      shop.sell(customer, visit * kWeek + 1 + static_cast<Millis>(random() % kWeek), bought);
    }
  }
  const Millis until = 12 * kWeek;
  const Histories histories = shop.histories(0, until);
  const Trial trial(histories, kAll, {kWeek, 12, 0, until}, 4 * kWeek);
  const Item b = shop.item(1);
  Evidence evidence(4 * kWeek);
  const auto tables = trial.tables(shop.item(0), std::span(&b, 1));
  for (const Table& table : tables[0]) evidence.add(table);
  return evidence.log_e();
}

TEST(Trial, EValuesAreLargeOnlyWhereSomethingFollows) {
  double sum = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) sum += std::exp(log_e(seed, false));
  EXPECT_LT(sum / 300, 1.5);  // its expectation is at most 1
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    EXPECT_GT(log_e(seed, true), std::log(100));
  }
}

TEST(Histories, WhatIsBoughtAtOneMomentIsOnePurchase) {
  Shop shop;
  shop.sell(1, 20, {3, 1});
  shop.sell(1, 10, {0});
  shop.sell(1, 20, {1, 2});
  shop.sell(2, 5, {0});   // too early
  shop.sell(2, 31, {0});  // too late
  shop.sell(2, 30, {4});
  std::vector<std::pair<Millis, std::size_t>> seen;
  shop.histories(5, 30).for_each(kAll, [&](std::span<const Purchase> purchases) {
    for (const Purchase& purchase : purchases) seen.emplace_back(purchase.time, purchase.items.size());
  });
  EXPECT_EQ(seen, (std::vector<std::pair<Millis, std::size_t>>{{10, 1}, {20, 3}, {30, 1}}));
}

}  // namespace
}  // namespace nudge::sequence_rules
