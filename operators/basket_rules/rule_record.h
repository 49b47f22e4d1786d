// A rule as a record of `rules`.
#pragma once

#include <string>

#include "engine/output.h"
#include "operators/basket_rules/rule.h"
#include "operators/basket_rules/settings.h"
#include "operators/rules/evidence.h"
#include "operators/rules/item_table.h"
#include "operators/rules/published_rules.h"
#include "operators/rules/rule_words.h"

namespace nudge::basket_rules {

struct RuleReport {
  const RuleSet& set;
  const Rule& rule;
  RuleStatus status = RuleStatus::kCandidate;
  const Evidence* evidence = nullptr;  // null: the rule is no candidate that is tested
  bool holds_later = false;            // in the hold-out
  Millis until = 0;                    // of the window
  std::string text;                    // a sentence
};

// "women in big cities who buy coats also take boots: 17.5 %; of all their baskets 3.2 % have that".
std::string sentence_of(const RuleSet& set, const Rule& rule, const ItemTable& items);

void write_rule(const RuleReport& report, Outputs& outputs);
// For those who apply it.
PublishedRule published(const RuleReport& report);

}  // namespace nudge::basket_rules
