// Sequences of two items: spells by hand, then all pairs of random customers against the definition, purchase by
// purchase, with customers that are taken back.
#include "operators/sequence_rules/pair_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace nudge::sequence_rules {
namespace {

struct Sale {
  Millis time = 0;
  std::vector<Item> items;
  bool has(Item item) const { return std::find(items.begin(), items.end(), item) != items.end(); }
};
using Customer = std::vector<Sale>;

std::vector<Purchase> purchases_of(const Customer& customer) {
  std::vector<Purchase> purchases;
  for (const Sale& sale : customer) purchases.push_back({sale.time, sale.items});
  return purchases;
}

constexpr Item kCoats = 1, kBoots = 2, kSocks = 3;

TEST(PairCounts, ByHand) {
  // Bins of a week, a horizon of three, a window from day 0 (without) to day 100.
  const Clock clock{kWeek, 3, 0, 100 * kDay};
  PairCounts counts(clock);
  const Customer anne = {
      {1 * kDay, {kCoats}},          {3 * kDay, {kCoats, kSocks}},  // in an open spell: starts none
      {9 * kDay, {kCoats, kBoots}},                                 // ends it in bin 1, and starts the next
      {9 * kDay + 1, {kSocks}},      {40 * kDay, {kBoots}},         // beyond the horizon: that one is censored in bin 2
      {98 * kDay, {kCoats, kBoots}},  // boots of the same sale do not follow: censored by the end in bin 0
  };
  const Customer bill = {{5 * kDay, {kCoats}}, {6 * kDay, {kSocks}}};  // never boots: censored in bin 2
  const Customer carl = {{0, {kCoats}}, {2 * kDay, {kBoots}}};         // starts before the window
  for (const Customer& customer : {anne, bill, carl}) counts.count(purchases_of(customer), 1);
  const GapFigures boots = counts.figures({kCoats, kBoots});
  EXPECT_EQ(boots.spells, 4);
  EXPECT_EQ(boots.ended, 1);
  EXPECT_EQ(boots.events, (std::vector<std::int64_t>{0, 1, 0}));
  EXPECT_EQ(boots.at_risk, (std::vector<std::int64_t>{4, 3, 2}));
  EXPECT_DOUBLE_EQ(boots.hazard(1), 1.0 / 3);
  EXPECT_DOUBLE_EQ(boots.probability(), 1.0 / 3);
  // In the spells of coats: a sale on day 3, on day 9 and just behind it, and Bill's on day 6. Of the sales of week 0
  // (days 1, 3, 5, 6 and Carl's 0 and 2) one had boots, of those of week 1 (two on day 9) one.
  EXPECT_DOUBLE_EQ(boots.expected, 2 * (1.0 / 6) + 2 * (1.0 / 2));
  EXPECT_EQ(counts.frequent(1), (std::vector<PairCounts::Pair>{{kCoats, kCoats},
                                                               {kCoats, kBoots},
                                                               {kCoats, kSocks},
                                                               {kBoots, kSocks},
                                                               {kSocks, kCoats},
                                                               {kSocks, kBoots},
                                                               {kSocks, kSocks}}));
}

// Directly from the definition.
GapFigures defined(const std::vector<Customer>& customers, const PairCounts::Pair& pair, const Clock& clock) {
  GapFigures figures;
  figures.events.resize(static_cast<std::size_t>(clock.bins));
  figures.at_risk.resize(figures.events.size());
  std::map<Millis, std::int64_t> sales, with, met;
  for (const Customer& customer : customers) {
    for (const Sale& sale : customer) {
      ++sales[sale.time / kWeek];
      with[sale.time / kWeek] += sale.has(pair.second);
    }
    std::size_t i = 0;
    while (i < customer.size()) {
      if (!customer[i].has(pair.first)) {
        ++i;
        continue;
      }
      const Millis start = customer[i].time;
      const bool counts = start > clock.from;
      std::size_t next = i + 1;
      bool ended = false;
      Millis last = std::min((clock.until - start) / clock.bin, Millis{clock.bins - 1});
      for (; next < customer.size() && (customer[next].time - start) / clock.bin < clock.bins; ++next) {
        if (customer[next].time > start && counts) ++met[customer[next].time / kWeek];
        if (customer[next].time > start && customer[next].has(pair.second)) {
          ended = true;
          last = (customer[next].time - start) / clock.bin;
          break;
        }
      }
      if (counts) {
        ++figures.spells;
        figures.ended += ended;
        if (ended) ++figures.events[static_cast<std::size_t>(last)];
        for (Millis bin = 0; bin <= last; ++bin) ++figures.at_risk[static_cast<std::size_t>(bin)];
      }
      i = next;
    }
  }
  for (const auto& [week, n] : with)
    figures.expected += static_cast<double>(met[week]) * static_cast<double>(n) / static_cast<double>(sales[week]);
  return figures;
}

Customer random_customer(std::mt19937& random) {
  Customer customer;
  Millis time = static_cast<Millis>(random() % (20 * kWeek));
  for (unsigned left = random() % 25; left > 0; --left) {
    if (random() % 5 > 0) time += static_cast<Millis>(random() % (2 * kWeek));
    std::set<Item> items;
    for (unsigned more = 1 + random() % 3; more > 0; --more) items.insert(random() % 6);
    customer.push_back({time, {items.begin(), items.end()}});
  }
  return customer;
}

TEST(PairCounts, RandomCustomersAgainstTheDefinitionWithSomeTakenBack) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Millis until = 0;
    std::vector<Customer> stay, all;
    for (int i = 0; i < 30; ++i) {
      all.push_back(random_customer(random));
      if (!all.back().empty()) until = std::max(until, all.back().back().time);
    }
    const Clock clock{kWeek, 1 + static_cast<std::int32_t>(random() % 8), static_cast<Millis>(random() % (30 * kWeek)),
                      until + static_cast<Millis>(random() % kWeek)};
    PairCounts left(clock), right(clock), only(clock);
    for (const Customer& customer : all) (random() % 2 == 0 ? left : right).count(purchases_of(customer), 1);
    for (const Customer& customer : all) {
      if (random() % 3 == 0) {
        (random() % 2 == 0 ? left : right).count(purchases_of(customer), -1);
      } else {
        stay.push_back(customer);
        only.count(purchases_of(customer), 1);
      }
    }
    left.merge(right);
    std::set<PairCounts::Pair> frequent;
    for (Item antecedent = 0; antecedent < 6; ++antecedent)
      for (Item consequent = 0; consequent < 6; ++consequent) {
        SCOPED_TRACE(std::to_string(antecedent) + " … " + std::to_string(consequent));
        const PairCounts::Pair pair(antecedent, consequent);
        const GapFigures expected = defined(stay, pair, clock);
        for (const PairCounts* counts : {&left, &only}) {
          const GapFigures figures = counts->figures(pair);
          EXPECT_EQ(figures.events, expected.events);
          EXPECT_EQ(figures.at_risk, expected.at_risk);
          EXPECT_EQ(figures.spells, expected.spells);
          EXPECT_EQ(figures.ended, expected.ended);
          EXPECT_DOUBLE_EQ(figures.expected, expected.expected);
        }
        if (expected.ended >= 3) frequent.insert(pair);
      }
    EXPECT_EQ(left.frequent(3), std::vector<PairCounts::Pair>(frequent.begin(), frequent.end()));
  }
}

}  // namespace
}  // namespace nudge::sequence_rules
