#include "operators/recommendations/rule_book.h"

#include <algorithm>
#include <utility>

#include "engine/hash.h"

namespace nudge::recommendations {
namespace {

bool has(const std::vector<ItemHash>& items, ItemHash item) {
  return std::binary_search(items.begin(), items.end(), item);
}

}  // namespace

void RuleBook::set(const std::string& rule_set, rules::PublishedRules published) {
  Set& set = sets_[rule_set] = Set{};
  set.published = std::move(published);
  for (const std::string& where : set.published.segments) set.conditions.emplace_back(where, columns_);
  for (const rules::PublishedRule& each : set.published.rules) {
    Rule rule{&each, {}, hash64(each.consequent)};
    for (const std::string& item : each.antecedent) rule.antecedent.push_back(hash64(item));
    std::sort(rule.antecedent.begin(), rule.antecedent.end());
    set.by_item[rule.antecedent.front()].push_back(set.rules.size());
    set.rules.push_back(std::move(rule));
  }
}

bool RuleBook::Set::is_for(const Rule& rule, CustomerContext& customer) {
  signed char& known = holds[rule.published->segment];
  if (known < 0) known = conditions[rule.published->segment].holds(customer) ? 1 : 0;
  return known > 0;
}

void RuleBook::ask_baskets(const std::vector<ItemHash>& items, CustomerContext& customer, std::vector<Said>& said) {
  for (auto& [name, set] : sets_) {
    if (set.published.is_sequence) continue;
    set.holds.assign(set.conditions.size(), -1);
    for (const ItemHash item : items) {
      const auto found = set.by_item.find(item);
      if (found == set.by_item.end()) continue;
      for (const std::size_t place : found->second) {
        const Rule& rule = set.rules[place];
        if (has(items, rule.consequent) ||
            !std::includes(items.begin(), items.end(), rule.antecedent.begin(), rule.antecedent.end()) ||
            !set.is_for(rule, customer))
          continue;
        said.push_back({rule.published, rule.consequent, nullptr, 0, 0});
      }
    }
  }
}

// The purchase that the rule counts from: one of the antecedent that no spell was open at, or that ended one.
Millis RuleBook::start_of_spell(const History& history, const Rule& rule, Millis horizon) {
  Millis start = kNever;
  for (const Purchase& purchase : history.purchases()) {
    if (start != kNever &&
        (purchase.time - start >= horizon || (purchase.time > start && has(purchase.items, rule.consequent))))
      start = kNever;
    if (start == kNever && has(purchase.items, rule.antecedent.front())) start = purchase.time;
  }
  return start;
}

void RuleBook::ask_sequences(const History& history, Millis now, CustomerContext& customer, std::vector<Said>& said) {
  std::vector<ItemHash> items;
  for (const Purchase& purchase : history.purchases())
    items.insert(items.end(), purchase.items.begin(), purchase.items.end());
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  for (auto& [name, set] : sets_) {
    if (!set.published.is_sequence) continue;
    set.holds.assign(set.conditions.size(), -1);
    for (const ItemHash item : items) {
      const auto found = set.by_item.find(item);
      if (found == set.by_item.end()) continue;
      for (const std::size_t place : found->second) {
        const Rule& rule = set.rules[place];
        if (rule.antecedent.size() > 1) continue;  // the windows of sets have no one start
        const Millis start = start_of_spell(history, rule, set.published.horizon);
        if (start == kNever || !set.is_for(rule, customer)) continue;
        for (const rules::Window& window : rule.published->windows)
          if (start + window.until > now)
            said.push_back({rule.published, rule.consequent, &window, start + window.from, start + window.until});
      }
    }
  }
}

}  // namespace nudge::recommendations
