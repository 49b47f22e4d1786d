// The validated rules as they are applied to one customer: what basket rules say of a purchase, and what sequence rules
// say of all of them, and when.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "engine/customer_condition.h"
#include "engine/operator.h"
#include "operators/recommendations/history.h"
#include "operators/rules/published_rules.h"

namespace nudge::recommendations {

class RuleBook {
 public:
  explicit RuleBook(const ColumnCatalog& columns) : columns_(columns) {}

  // The rules of a rule set from now on.
  void set(const std::string& rule_set, rules::PublishedRules published);

  struct Said {
    const rules::PublishedRule* rule = nullptr;
    ItemHash consequent = 0;
    // A sequence rule's window, counted from the purchase that it follows; null of a basket rule.
    const rules::Window* window = nullptr;
    Millis from = 0, until = 0;
  };
  // Basket rules whose antecedents are all among `items`, rising, and whose consequent is not.
  void ask_baskets(const std::vector<ItemHash>& items, CustomerContext& customer, std::vector<Said>& said);
  // Windows of sequence rules that are not over at `now`, as far as the customer has not bought the consequent since.
  void ask_sequences(const History& history, Millis now, CustomerContext& customer, std::vector<Said>& said);

 private:
  struct Rule {
    const rules::PublishedRule* published = nullptr;
    std::vector<ItemHash> antecedent;  // rising
    ItemHash consequent = 0;
  };
  struct Set {
    rules::PublishedRules published;
    std::vector<CustomerCondition> conditions;  // by segment
    std::vector<signed char> holds;             // by segment, for the customer under way; −1: not asked yet
    std::vector<Rule> rules;
    // By an item of the antecedent: the first.
    absl::flat_hash_map<ItemHash, std::vector<std::size_t>> by_item;

    bool is_for(const Rule& rule, CustomerContext& customer);
  };
  static Millis start_of_spell(const History& history, const Rule& rule, Millis horizon);

  const ColumnCatalog& columns_;
  std::map<std::string, Set> sets_;
};

}  // namespace nudge::recommendations
