#include "operators/basket_rules/rule_finder.h"

#include <algorithm>

#include <absl/container/flat_hash_map.h>

#include "engine/check.h"
#include "engine/portable_math.h"

namespace nudge::basket_rules {

// Where there are too many itemsets, as many as may be: those in the most baskets.
void RuleFinder::mine(const Baskets& baskets, const ItemTable& items, Findings& findings) {
  const auto total = static_cast<std::int64_t>(baskets.size());
  MinerLimits limits;
  limits.items_most = set_.items_most;
  limits.itemsets_most = set_.candidates_most;
  const std::int64_t least = set_.min_support.least_of(total);
  const auto fits = [&](std::int64_t count) {
    limits.least_count = static_cast<std::uint64_t>(count);
    return miner_.mine(baskets, limits, items.apart(), itemsets_);
  };
  findings.least_count = least;
  findings.itemsets_left_out = 0;
  if (!fits(least)) {
    std::int64_t too_few = least, enough = total + 1;
    while (enough - too_few > 1) {
      const std::int64_t middle = too_few + (enough - too_few) / 2;
      (fits(middle) ? enough : too_few) = middle;
    }
    NUDGE_CHECK(fits(enough), "no set is in more baskets than there are");
    findings.least_count = enough;
    findings.itemsets_left_out = set_.candidates_most + 1 - itemsets_.size();
  }
}

std::vector<Rule> RuleFinder::find(std::int64_t total, const ItemTable& items, std::uint32_t segment,
                                   Findings& findings) {
  total_ = total;
  findings.baskets = total;
  findings.itemsets = itemsets_.size();
  std::vector<Rule> rules;
  for (std::uint32_t set = 0; set < itemsets_.size(); ++set)
    if (itemsets_.length(set) > 1) add_rules_of(set, segment, items, rules);
  findings.rules = rules.size();
  limit(rules, findings);
  for (Rule& rule : rules) {
    rule.is_productive =
        log_p_of_parts(
            rule, [this](std::span<const Item> of) { return count(of); }, total_) <= portable::log(set_.fdr);
    rule.is_redundant = is_redundant(rule);
  }
  return rules;
}

std::int64_t RuleFinder::count(std::span<const Item> items) const {
  if (items.empty()) return total_;
  const std::uint32_t set = itemsets_.find(items);
  NUDGE_CHECK(set != Itemsets::kNone, "parts of a frequent set are frequent");
  return static_cast<std::int64_t>(itemsets_.count(set));
}

void RuleFinder::add_rules_of(std::uint32_t set, std::uint32_t segment, const ItemTable& items,
                              std::vector<Rule>& rules) {
  itemsets_.items(set, set_items_);
  const auto both = static_cast<std::int64_t>(itemsets_.count(set));
  std::vector<Item> antecedent;
  for (const Item consequent : set_items_) {
    antecedent.clear();
    for (const Item item : set_items_)
      if (item != consequent) antecedent.push_back(item);
    const std::int64_t first = count(antecedent);
    if (!set_.min_confidence.is_met(both, first)) continue;
    Rule& rule = rules.emplace_back();
    rule.whole = {first, count(std::span(&consequent, 1)), both, total_};
    rule.log_p = log_fisher(rule.whole);
    rule.antecedent = antecedent;
    std::sort(rule.antecedent.begin(), rule.antecedent.end(),
              [&](Item a, Item b) { return items.text(a) < items.text(b); });
    rule.consequent = consequent;
    rule.name.segment = segment;
    for (const Item item : rule.antecedent) rule.name.antecedent.push_back(items.text(item));
    rule.name.consequent = items.text(consequent);
  }
}

void RuleFinder::limit(std::vector<Rule>& rules, Findings& findings) const {
  const auto by_name = [](const Rule& a, const Rule& b) { return a.name < b.name; };
  if (rules.size() > set_.rules_most) {
    std::sort(rules.begin(), rules.end(),
              [](const Rule& a, const Rule& b) { return a.log_p != b.log_p ? a.log_p < b.log_p : a.name < b.name; });
    findings.rules_left_out = rules.size() - set_.rules_most;
    rules.resize(set_.rules_most);
  }
  std::sort(rules.begin(), rules.end(), by_name);
}

template <typename CountOf>
double RuleFinder::log_p_of_parts(const Rule& rule, CountOf count_of, std::int64_t total) const {
  double worst = -INFINITY;
  std::vector<Item> rest, with_consequent, all = rule.antecedent;
  all.push_back(rule.consequent);
  const std::int64_t antecedent = count_of(rule.antecedent), both = count_of(all);
  for (const Item part : rule.antecedent) {
    rest.clear();
    for (const Item item : rule.antecedent)
      if (item != part) rest.push_back(item);
    with_consequent = rest;
    with_consequent.push_back(rule.consequent);
    const Table table{antecedent, count_of(with_consequent), both, rest.empty() ? total : count_of(rest)};
    worst = std::max(worst, log_fisher(table));
  }
  return worst;
}

bool RuleFinder::is_redundant(const Rule& rule) const {
  std::vector<Item> rest;
  for (const Item part : rule.antecedent) {
    rest.clear();
    for (const Item item : rule.antecedent)
      if (item != part) rest.push_back(item);
    if (!rest.empty() && count(rest) == rule.whole.first) return true;
  }
  return false;
}

void RuleFinder::look_at_later(std::vector<Rule>& rules, BasketBits& later) {
  // Of itemsets that were counted already.
  absl::flat_hash_map<std::uint32_t, std::int64_t> counted;
  const auto later_count = [&](std::span<const Item> items) {
    if (items.empty()) return later.size();
    const auto [found, is_new] = counted.try_emplace(itemsets_.find(items), 0);
    if (is_new) found->second = later.count(items);
    return found->second;
  };
  const auto earlier_count = [&](std::span<const Item> items) { return count(items) - later_count(items); };
  std::vector<Item> all;
  for (Rule& rule : rules) {
    all = rule.antecedent;
    all.push_back(rule.consequent);
    rule.later = {later_count(rule.antecedent), later_count(std::span(&rule.consequent, 1)), later_count(all),
                  later.size()};
    rule.was_productive = log_p_of_parts(rule, earlier_count, total_ - later.size()) <= portable::log(set_.fdr);
  }
}

}  // namespace nudge::basket_rules
