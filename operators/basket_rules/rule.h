// A rule: who has the antecedent in a basket also has the consequent. What it is made of, and what is known of it.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operators/basket_rules/baskets.h"
#include "operators/rules/hypergeometric.h"

namespace nudge::basket_rules {

// By the texts of its items, which outlast their numbers.
struct RuleName {
  std::uint32_t segment = 0;            // its place in the rule set
  std::vector<std::string> antecedent;  // rising
  std::string consequent;
  auto operator<=>(const RuleName&) const = default;
};

struct Rule {
  RuleName name;
  std::vector<Item> antecedent;  // none where an item is in no sale any more
  Item consequent = 0;
  // Baskets with the antecedent, with the consequent, with both, and all: of the whole window, and of its hold-out.
  Table whole, later;
  double log_p = 0, log_q = 0;
  // Every part of the antecedent adds to the confidence, by more than chance (Webb, 2007), in the whole window; and in
  // what lies before the hold-out.
  bool is_productive = false, was_productive = false;
  bool is_redundant = false;            // without a part of the antecedent it is about the same baskets
  std::optional<double> expected_both;  // by the sizes of baskets alone (size_null.h)

  double support() const { return ratio(whole.both, whole.total); }
  double confidence() const { return ratio(whole.both, whole.first); }
  double lift() const { return lift_of(whole); }
  double leverage() const { return support() - ratio(whole.first, whole.total) * ratio(whole.second, whole.total); }
  double conviction() const {
    return (1 - ratio(whole.second, whole.total)) /
           (static_cast<double>(whole.first - whole.both) / static_cast<double>(whole.first));
  }
  static double lift_of(const Table& table) {
    return static_cast<double>(table.both) * static_cast<double>(table.total) /
           (static_cast<double>(table.first) * static_cast<double>(table.second));
  }
  // Not a number, and so null in a record, where there is nothing to divide by.
  static double ratio(std::int64_t part, std::int64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  }
};

}  // namespace nudge::basket_rules
