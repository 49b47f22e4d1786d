// Spells between sets of random customers against the definition, purchase by purchase; between single items they are
// those of pairs.
#include "operators/sequence_rules/set_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "operators/sequence_rules/pair_counts.h"

namespace nudge::sequence_rules {
namespace {

constexpr int kItems = 5;
const Segment kAll{"all", "customers", "true", true, 0};

// A shop of products a to e, each an item of its own.
class Shop {
 public:
  explicit Shop(std::mt19937& random)
      : window_(kDay), items_({Template::parse("{product_id}").value()}, PriceLevels({})) {
    std::uint64_t transaction = 0;
    for (std::uint64_t customer = 1; customer <= 20; ++customer) {
      Millis time = 0;
      for (unsigned left = random() % 20; left > 0; --left) {
        time += 1 + static_cast<Millis>(random() % (10 * kDay));
        std::vector<Line> lines;
        for (int each = 0; each < kItems; ++each)
          if (random() % 3 == 0) lines.push_back(Line::of(products_.number_of(name_of(each)), DiscountLevel::kUnknown));
        window_.add({customer, 1}, ++transaction, time, lines);
      }
    }
    window_.settle();
  }
  Histories histories(Millis until) { return Histories(0, until, window_, products_, items_); }
  std::vector<Item> items_of(unsigned bits) {
    std::vector<Item> items;
    for (int each = 0; each < kItems; ++each)
      if (bits >> each & 1) items.push_back(items_.number_of(name_of(each)));
    return items;
  }

 private:
  static std::string name_of(int each) { return std::string(1, static_cast<char>('a' + each)); }

  Products products_;
  SaleWindow window_;
  ItemTable items_;
};

bool has_all(const Purchase& purchase, const std::vector<Item>& items) {
  return std::all_of(items.begin(), items.end(), [&](Item item) {
    return std::find(purchase.items.begin(), purchase.items.end(), item) != purchase.items.end();
  });
}

// By which of these purchases all of the items were bought, counted from the first; as many as there are where by none.
std::size_t bought_by(std::span<const Purchase> purchases, const std::vector<Item>& items) {
  std::set<Item> missing(items.begin(), items.end());
  for (std::size_t i = 0; i < purchases.size(); ++i) {
    for (const Item item : purchases[i].items) missing.erase(item);
    if (missing.empty()) return i;
  }
  return purchases.size();
}

// Directly from the definition.
GapFigures defined(const Occurrences& occurrences, const std::vector<Item>& antecedent,
                   const std::vector<Item>& consequent, const Clock& clock) {
  GapFigures figures(clock.bins);
  std::map<Millis, double> purchases_of;
  std::map<Millis, std::map<std::vector<Item>, double>> with;
  const auto for_each_purchase = [&](auto visit) {
    for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer)
      for (const Purchase& purchase : occurrences.purchases(customer)) visit(purchase);
  };
  for_each_purchase([&](const Purchase& purchase) { ++purchases_of[purchase.time / kWeek]; });
  const auto share = [&](Millis week, const std::vector<Item>& items) {
    const auto [found, is_new] = with[week].try_emplace(items);
    if (is_new)
      for_each_purchase([&](const Purchase& purchase) {
        found->second += purchase.time / kWeek == week && has_all(purchase, items);
      });
    return found->second / purchases_of[week];
  };
  for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer) {
    const std::span<const Purchase> purchases = up_to(occurrences.purchases(customer), clock.until);
    std::size_t place = 0;
    while (place < purchases.size()) {
      const Millis start = purchases[place].time;
      const auto within = [&](std::size_t other) { return (purchases[other].time - start) / clock.bin < clock.bins; };
      std::size_t first = place;
      while (first > 0 && (start - purchases[first - 1].time) / clock.bin < clock.bins) --first;
      const bool has_one = std::any_of(antecedent.begin(), antecedent.end(),
                                       [&](Item item) { return has_all(purchases[place], {item}); });
      const std::span<const Purchase> before = purchases.subspan(first, place + 1 - first);
      if (!has_one || bought_by(before, antecedent) == before.size()) {
        ++place;
        continue;
      }
      std::size_t behind = place + 1;
      while (behind < purchases.size() && within(behind)) ++behind;
      const std::span<const Purchase> later = purchases.subspan(place + 1, behind - place - 1);
      const std::size_t ending = bought_by(later, consequent);
      const bool is_ended = ending < later.size();
      if (start > clock.from) {
        std::set<Item> missing(consequent.begin(), consequent.end());
        for (std::size_t i = 0; i < later.size() && i <= ending; ++i) {
          ++figures.met;
          figures.expected += share(later[i].time / kWeek, {missing.begin(), missing.end()});
          for (const Item item : later[i].items) missing.erase(item);
        }
        if (is_ended)
          figures.add_ended(static_cast<std::int32_t>((later[ending].time - start) / clock.bin), 1);
        else
          figures.add_censored(
              static_cast<std::int32_t>(std::min<Millis>((clock.until - start) / clock.bin, clock.bins)), 1);
      }
      place = is_ended ? place + 1 + ending : behind;
    }
  }
  figures.sum_up();
  return figures;
}

TEST(SetCounts, RandomCustomersAgainstTheDefinition) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Shop shop(random);
    const Millis last = 60 * kDay + static_cast<Millis>(random() % (60 * kDay));
    const Histories histories = shop.histories(last);
    const Occurrences occurrences(histories, kAll);
    SetCounts counts(occurrences);
    const Clock clock{kWeek, 1 + static_cast<std::int32_t>(random() % 6), static_cast<Millis>(random() % (30 * kDay)),
                      last - static_cast<Millis>(random() % (20 * kDay))};
    PairCounts pairs(clock), all({kWeek, clock.bins, clock.from, last});
    for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer) {
      pairs.count(up_to(occurrences.purchases(customer), clock.until), 1);
      all.count(occurrences.purchases(customer), 1);
    }
    for (unsigned a = 1; a < 1u << kItems; ++a)
      for (unsigned c = 1; c < 1u << kItems; ++c) {
        const std::vector<Item> antecedent = shop.items_of(a), consequent = shop.items_of(c);
        const bool is_pair = antecedent.size() == 1 && consequent.size() == 1;
        if (antecedent.size() > 3 || consequent.size() > 3 || ((a & c) != 0 && !is_pair)) continue;
        SCOPED_TRACE(std::to_string(a) + " … " + std::to_string(c));
        const GapFigures figures = counts.figures(antecedent, consequent, clock);
        const auto expect_equal = [&](const GapFigures& expected) {
          EXPECT_EQ(figures.events, expected.events);
          EXPECT_EQ(figures.at_risk, expected.at_risk);
          EXPECT_EQ(figures.open, expected.open);
          EXPECT_EQ(figures.spells, expected.spells);
          EXPECT_EQ(figures.ended, expected.ended);
          EXPECT_EQ(figures.met, expected.met);
          EXPECT_NEAR(figures.expected, expected.expected, 1e-9);
        };
        expect_equal(defined(occurrences, antecedent, consequent, clock));
        if (is_pair) expect_equal(pairs.figures({antecedent[0], consequent[0]}, all));
      }
  }
}

}  // namespace
}  // namespace nudge::sequence_rules
