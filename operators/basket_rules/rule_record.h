// A rule as a record of `rules`.
#pragma once

#include <string>
#include <string_view>

#include "engine/output.h"
#include "operators/basket_rules/evidence.h"
#include "operators/basket_rules/item_table.h"
#include "operators/basket_rules/rule.h"
#include "operators/basket_rules/settings.h"

namespace nudge::basket_rules {

enum class RuleStatus : std::uint8_t { kCandidate, kValidated, kRejected, kExpired };  // in the order of kStatusNames
inline constexpr std::string_view kStatusNames[] = {"candidate", "validated", "rejected", "expired"};

struct RuleReport {
  const RuleSet& set;
  const Rule& rule;
  RuleStatus status = RuleStatus::kCandidate;
  const Evidence* evidence = nullptr;  // null: the rule is no candidate that is tested
  bool holds_later = false;            // in the hold-out
  Millis until = 0;                    // of the window
  std::string text;                    // a sentence
};

// The same for the same rule, whatever the run.
std::string rule_id(const RuleSet& set, const RuleName& name);
// "women in big cities who buy coats also take boots: 17.5 %; of all their baskets 3.2 % have that".
std::string sentence_of(const RuleSet& set, const Rule& rule, const ItemTable& items);

void write_rule(const RuleReport& report, Outputs& outputs);

}  // namespace nudge::basket_rules
