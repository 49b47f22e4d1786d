// Finds the rules of one segment: the itemsets of its baskets, the rules over the thresholds with their measures, and
// what marks them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/basket_rules/basket_bits.h"
#include "operators/basket_rules/miner.h"
#include "operators/basket_rules/rule.h"
#include "operators/basket_rules/settings.h"
#include "operators/rules/item_table.h"

namespace nudge::basket_rules {

// What was found in a segment, for the report.
struct Findings {
  std::int64_t baskets = 0;
  std::size_t itemsets = 0;
  // Above 0 where there were too many itemsets: so many more were seen, in fewer than `least_count` baskets.
  std::size_t itemsets_left_out = 0;
  std::int64_t least_count = 0;  // baskets that an itemset was in
  std::size_t rules = 0, rules_left_out = 0;
};

class RuleFinder {
 public:
  // `set` must outlive the finder.
  explicit RuleFinder(const RuleSet& set) : set_(set) {}

  // The itemsets of a segment's baskets: told by who keeps them, or mined, as many as may be.
  Itemsets& itemsets() { return itemsets_; }
  void mine(const Baskets& baskets, const ItemTable& items, Findings& findings);

  // The rules of the itemsets of `total` baskets, in the order of their names, with q-values not set.
  std::vector<Rule> find(std::int64_t total, const ItemTable& items, std::uint32_t segment, Findings& findings);
  // The hold-out's counts of the rules, and what follows from them; `later` has all items of the rules.
  void look_at_later(std::vector<Rule>& rules, BasketBits& later);

 private:
  void add_rules_of(std::uint32_t set, std::uint32_t segment, const ItemTable& items, std::vector<Rule>& rules);
  std::int64_t count(std::span<const Item> items) const;
  // The greatest p-value of a part of the antecedent: of adding nothing. `count_of`: how many baskets have some items.
  template <typename CountOf>
  double log_p_of_parts(const Rule& rule, CountOf count_of, std::int64_t total) const;
  bool is_redundant(const Rule& rule) const;
  void limit(std::vector<Rule>& rules, Findings& findings) const;

  const RuleSet& set_;
  Miner miner_;
  Itemsets itemsets_;
  std::int64_t total_ = 0;
  std::vector<Item> set_items_;
};

}  // namespace nudge::basket_rules
