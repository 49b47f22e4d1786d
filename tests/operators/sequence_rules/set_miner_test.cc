// Rules between sets: by hand, then all of random sequences against the definition, cut by cut, with and without a
// horizon, a least confidence, items that may not meet, and too many candidates.
#include "operators/sequence_rules/set_miner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace nudge::sequence_rules {
namespace {

struct Sale {
  Millis time = 0;
  std::vector<Item> items;
};
using Sequence = std::vector<Sale>;

constexpr Millis kForever = INT64_MAX;

Cuts cuts_of(const std::vector<Sequence>& sequences, Millis horizon, Millis from = INT64_MIN) {
  Cuts cuts(horizon, from);
  for (const Sequence& sequence : sequences) {
    std::vector<Purchase> purchases;
    for (const Sale& sale : sequence) purchases.push_back({sale.time, sale.items});
    cuts.add(purchases);
  }
  return cuts;
}

TEST(SetMiner, ByHand) {
  constexpr Item kBread = 1, kMilk = 2, kCake = 3;
  const std::vector<Sequence> sequences = {
      {{1, {kBread}}, {2, {kMilk}}, {3, {kCake}}},  // bread and milk, then cake
      {{1, {kMilk}}, {5, {kBread}}, {6, {kCake}}},  // in any order
      {{1, {kBread, kMilk, kCake}}},                // at once: neither comes before the other
      {{1, {kCake}}, {2, {kBread, kMilk}}},         // the other way round
  };
  SetMinerLimits limits;
  limits.least_count = 2;
  EXPECT_EQ(
      SetMiner().mine(cuts_of(sequences, kForever), limits).rules,
      (std::vector<SetRule>{{{kBread}, {kCake}, 4, 2}, {{kBread, kMilk}, {kCake}, 4, 2}, {{kMilk}, {kCake}, 4, 2}}));
  limits.least_count = 1;
  limits.min_confidence = Share::of(0.5);
  EXPECT_EQ(SetMiner().mine(cuts_of(sequences, kForever), limits).rules.size(), 3u);
  limits.min_confidence = Share::of(0.3);
  // Within less than 4: in the second sequence milk and cake are too far apart.
  EXPECT_EQ(SetMiner().mine(cuts_of(sequences, 4), limits).rules,
            (std::vector<SetRule>{{{kBread}, {kCake}, 4, 2}, {{kBread, kMilk}, {kCake}, 3, 1}}));
}

struct Limits : SetMinerLimits {
  Millis horizon = kForever, from = INT64_MIN;
  SetMiner::Apart apart;
};

// Directly from the definition, one pair of sets at a time.
class Definition {
 public:
  Definition(const std::vector<Sequence>& sequences, Item items, const Limits& limits)
      : sequences_(sequences), items_(items), limits_(limits) {}

  std::vector<SetRule> rules() const {
    std::vector<SetRule> rules;
    for (const std::vector<Item>& antecedent : antecedent_sets())
      for (const std::vector<Item>& consequent : sets(limits_.consequent_most)) {
        if (!may_be(antecedent, consequent)) continue;
        SetRule rule{antecedent, consequent, count(antecedent, {}), count(antecedent, consequent)};
        if (antecedent.empty()) rule.with_antecedent = static_cast<std::uint32_t>(sequences_.size());
        if (rule.both >= limits_.least_count && limits_.min_confidence.is_met(rule.both, rule.with_antecedent))
          rules.push_back(std::move(rule));
      }
    std::sort(rules.begin(), rules.end());
    return rules;
  }

  // The antecedents that something follows often enough: how often at most.
  std::vector<std::uint32_t> antecedents() const {
    std::vector<std::uint32_t> most;
    for (const std::vector<Item>& antecedent : antecedent_sets()) {
      std::uint32_t best = 0;
      for (Item item = 0; item < items_; ++item)
        if (may_be(antecedent, {item})) best = std::max(best, count(antecedent, {item}));
      if (best >= limits_.least_count) most.push_back(best);
    }
    return most;
  }

 private:
  std::vector<std::vector<Item>> antecedent_sets() const {
    std::vector<std::vector<Item>> all = sets(limits_.antecedent_most);
    if (limits_.with_empty_antecedents) all.emplace_back();
    return all;
  }
  std::vector<std::vector<Item>> sets(std::size_t most) const {
    std::vector<std::vector<Item>> sets;
    for (unsigned bits = 1; bits < 1u << items_; ++bits) {
      std::vector<Item> set;
      for (Item item = 0; item < items_; ++item)
        if (bits >> item & 1) set.push_back(item);
      if (set.size() <= most) sets.push_back(set);
    }
    return sets;
  }
  // No item twice, and none with one that it is apart from.
  bool may_be(const std::vector<Item>& antecedent, const std::vector<Item>& consequent) const {
    std::vector<Item> all = antecedent;
    all.insert(all.end(), consequent.begin(), consequent.end());
    if (std::set<Item>(all.begin(), all.end()).size() < all.size()) return false;
    return std::none_of(all.begin(), all.end(), [&](Item item) {
      return item < limits_.apart.size() && std::any_of(all.begin(), all.end(), [&](Item other) {
               const std::vector<Item>& apart = limits_.apart[item];
               return std::find(apart.begin(), apart.end(), other) != apart.end();
             });
    });
  }
  std::uint32_t count(const std::vector<Item>& antecedent, const std::vector<Item>& consequent) const {
    return static_cast<std::uint32_t>(
        std::count_if(sequences_.begin(), sequences_.end(), [&](const Sequence& sequence) {
          return std::any_of(sequence.begin(), sequence.end(), [&](const Sale& cut) {
            const auto all_in = [&](const std::vector<Item>& items, bool before) {
              return std::all_of(items.begin(), items.end(), [&](Item item) {
                return std::any_of(sequence.begin(), sequence.end(), [&](const Sale& sale) {
                  const Millis gap = sale.time - cut.time;
                  const bool is_there = before ? gap <= 0 && -gap < limits_.horizon : gap > 0 && gap < limits_.horizon;
                  return is_there && std::find(sale.items.begin(), sale.items.end(), item) != sale.items.end();
                });
              });
            };
            return cut.time > limits_.from && all_in(antecedent, true) && all_in(consequent, false);
          });
        }));
  }

  const std::vector<Sequence>& sequences_;
  const Item items_;
  const Limits& limits_;
};

std::vector<Sequence> random_sequences(std::mt19937& random, Item items) {
  std::vector<Sequence> sequences(5 + random() % 25);
  for (Sequence& sequence : sequences) {
    Millis time = 0;
    // Some fill more than one block of cuts.
    for (unsigned left = random() % 10 == 0 ? 60 + random() % 80 : random() % 8; left > 0; --left) {
      std::set<Item> bought;
      for (unsigned more = random() % 3; more > 0; --more) bought.insert(random() % items);
      sequence.push_back({time += 1 + static_cast<Millis>(random() % 5), {bought.begin(), bought.end()}});
    }
  }
  return sequences;
}

TEST(SetMiner, RandomSequencesAgainstTheDefinition) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const Item items = 3 + random() % 3;
    const std::vector<Sequence> sequences = random_sequences(random, items);
    Limits limits;
    limits.least_count = 1 + random() % 4;
    if (random() % 2 == 0) limits.horizon = 1 + static_cast<Millis>(random() % 15);
    if (random() % 2 == 0) limits.min_confidence = Share::of(0.1 * static_cast<double>(random() % 10));
    if (random() % 2 == 0) limits.antecedent_most = 1 + random() % 3;
    if (random() % 2 == 0) limits.consequent_most = 1 + random() % 3;
    if (random() % 4 == 0) limits.from = static_cast<Millis>(random() % 20);
    limits.with_empty_antecedents = random() % 2 == 0;
    if (random() % 2 == 0) limits.apart = {{1}, {0}};
    const Definition definition(sequences, items, limits);
    const std::vector<SetRule> expected = definition.rules();
    const Cuts cuts = cuts_of(sequences, limits.horizon, limits.from);
    SetMiner miner;
    SetRules found = miner.mine(cuts, limits, limits.apart);
    EXPECT_EQ(found.rules, expected);
    EXPECT_EQ(found.least_count, limits.least_count);
    EXPECT_EQ(found.left_out, 0u);

    // Fewer candidates than there are: those by the least count at which they fit, however many were seen.
    std::vector<std::uint32_t> candidates = definition.antecedents();
    for (const SetRule& rule : expected) candidates.push_back(rule.both);
    if (candidates.empty()) continue;
    limits.candidates_most = random() % candidates.size();
    std::uint32_t least = limits.least_count;
    const auto fit = [&] {
      return static_cast<std::size_t>(std::count_if(candidates.begin(), candidates.end(), [&](auto each) {
               return each >= least;
             })) <= limits.candidates_most;
    };
    while (!fit()) ++least;
    found = miner.mine(cuts, limits, limits.apart);
    EXPECT_EQ(found.least_count, least);
    EXPECT_GT(found.left_out, 0u);
    EXPECT_LE(found.left_out, candidates.size());
    std::vector<SetRule> fitting = expected;
    std::erase_if(fitting, [&](const SetRule& rule) { return rule.both < least; });
    EXPECT_EQ(found.rules, fitting);
  }
}

}  // namespace
}  // namespace nudge::sequence_rules
