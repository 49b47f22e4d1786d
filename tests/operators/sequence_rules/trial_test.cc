// Later sales as evidence: tables against their definition, and what they say of shops with and without a sequence.
#include "operators/sequence_rules/trial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
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

bool has_all(const Purchase& purchase, const std::vector<Item>& items) {
  return std::all_of(items.begin(), items.end(), [&](Item item) { return has(purchase, item); });
}

// Purchase by purchase: is the customer in a spell when it comes, and what of the consequent is missing in it? The sums
// over all strata: of the purchases in which all of it is missing, and of the others.
std::pair<Table, Table> defined(const Occurrences& occurrences, const std::vector<Item>& antecedent,
                                const std::vector<Item>& consequent, const Clock& clock, Millis after) {
  Table all, rest;
  for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer) {
    Millis start = -1;
    std::vector<Item> missing;
    std::set<Millis> weeks;
    std::map<Item, Millis> bought;
    for (const Purchase& purchase : occurrences.purchases(customer)) {
      const auto is_near = [&](Millis time) { return (purchase.time - time) / clock.bin < clock.bins; };
      if (start >= 0 && !is_near(start)) start = -1;
      const bool counts = purchase.time > after && weeks.insert(purchase.time / kWeek).second;
      const bool in_spell = start > clock.from;
      all.total += counts;
      all.second += counts && has_all(purchase, consequent);
      if (counts && in_spell) {
        Table& table = missing.size() == consequent.size() ? all : rest;
        ++table.first;
        table.both += has_all(purchase, missing);
      }
      if (start >= 0) std::erase_if(missing, [&](Item item) { return has(purchase, item); });
      if (missing.empty()) start = -1;
      bool completes = false, is_complete = true;
      for (const Item item : antecedent) {
        if (has(purchase, item)) bought[item] = purchase.time;
        completes = completes || has(purchase, item);
        is_complete = is_complete && bought.contains(item) && is_near(bought[item]);
      }
      if (start >= 0 || !completes || !is_complete) continue;
      start = purchase.time;
      missing = consequent;
    }
  }
  return {all, rest};
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
    const Occurrences occurrences(histories, kAll);
    const Trial trial(occurrences, clock, after);
    const auto items_of = [&](unsigned bits) {
      std::vector<Item> items;
      for (int each = 0; each < 5; ++each)
        if (bits >> each & 1) items.push_back(shop.item(each));
      return items;
    };
    for (unsigned a = 1; a < 32; ++a)
      for (unsigned c = 1; c < 32; ++c) {
        if (std::popcount(a) > 3 || std::popcount(c) > 3 || ((a & c) != 0 && std::popcount(a) + std::popcount(c) > 2))
          continue;
        const Trial::Tables tables = trial.tables(items_of(a), items_of(c));
        Table all, rest;
        for (const Table& table : tables.all) {
          EXPECT_TRUE(table.is_good());
          all += table;
        }
        for (const Table& table : tables.rest) {
          EXPECT_TRUE(table.is_good());
          rest += table;
        }
        const auto [defined_all, defined_rest] = defined(occurrences, items_of(a), items_of(c), clock, after);
        EXPECT_EQ(all, defined_all) << a << ", then " << c;
        EXPECT_EQ(rest.first, defined_rest.first) << a << ", then " << c;
        EXPECT_EQ(rest.both, defined_rest.both) << a << ", then " << c;
      }
  }
}

// The e-value of a set, then another, of a shop in which the one is followed by the other, or nothing by anything.
double log_e(unsigned seed, bool follows, const std::vector<int>& antecedent, const std::vector<int>& consequent) {
  std::mt19937 random(seed);
  Shop shop;
  const auto chance = [&](double probability) { return std::bernoulli_distribution(probability)(random); };
  for (std::uint64_t customer = 1; customer <= 300; ++customer) {
    std::set<int> had, followed;
    for (int visit = 0; visit < 12; ++visit) {
      std::vector<int> bought{2 + static_cast<int>(random() % 3)};
      const bool is_open = had.size() == antecedent.size();
      for (const int each : consequent)
        if (chance(follows && is_open ? 0.35 : 0.1)) {
          bought.push_back(each);
          if (is_open) followed.insert(each);
        }
      if (followed.size() == consequent.size()) had.clear(), followed.clear();
      for (const int each : antecedent)
        if (chance(0.2)) bought.push_back(each), had.insert(each);
      shop.sell(customer, visit * kWeek + 1 + static_cast<Millis>(random() % kWeek), bought);
    }
  }
  const Millis until = 12 * kWeek;
  const Histories histories = shop.histories(0, until);
  const Occurrences occurrences(histories, kAll);
  const Trial trial(occurrences, {kWeek, 12, 0, until}, 4 * kWeek);
  const auto items_of = [&](const std::vector<int>& each) {
    std::vector<Item> items;
    for (const int one : each) items.push_back(shop.item(one));
    return items;
  };
  Evidence evidence(4 * kWeek);
  trial.tables(items_of(antecedent), items_of(consequent)).add_to(evidence);
  return evidence.log_e();
}

TEST(Trial, EValuesAreLargeOnlyWhereSomethingFollows) {
  const struct {
    std::vector<int> antecedent, consequent;
  } rules[] = {{{0}, {1}}, {{0, 6}, {1}}, {{0}, {1, 5}}, {{0, 6}, {1, 5}}};
  for (const auto& [antecedent, consequent] : rules) {
    SCOPED_TRACE(std::to_string(antecedent.size()) + ", then " + std::to_string(consequent.size()));
    double sum = 0;
    // The expectation is at most 1; that of what is cut at 10, too, and a few large ones do not move its mean.
    for (unsigned seed = 1; seed <= 150; ++seed)
      sum += std::min(std::exp(log_e(seed, false, antecedent, consequent)), 10.0);
    EXPECT_LT(sum / 150, 1);
    for (unsigned seed = 1; seed <= 10; ++seed) {
      SCOPED_TRACE(seed);
      EXPECT_GT(log_e(seed, true, antecedent, consequent), std::log(100));
    }
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
