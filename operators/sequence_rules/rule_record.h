// A rule as a record of `rules`.
#pragma once

#include <string>

#include "engine/output.h"
#include "operators/rules/evidence.h"
#include "operators/rules/item_table.h"
#include "operators/rules/published_rules.h"
#include "operators/rules/rule_words.h"
#include "operators/sequence_rules/rule.h"
#include "operators/sequence_rules/settings.h"

namespace nudge::sequence_rules {

struct RuleReport {
  const RuleSet& set;
  const Rule& rule;
  RuleStatus status = RuleStatus::kCandidate;
  const Evidence* evidence = nullptr;  // null: the rule is no candidate that is tested
  bool holds_later = false;            // in the hold-out
  Millis until = 0;                    // of the window
  std::string text;                    // a sentence
};

// "customers who buy coats and hats buy boots later within 60 weeks with 7.0 %, 1.3 times as often as chance; most
// after 16 weeks, 26 weeks".
std::string sentence_of(const RuleSet& set, const Rule& rule, const ItemTable& items);

void write_rule(const RuleReport& report, Outputs& outputs);
// For those who apply it, of one consequent: with its confirmed peaks.
PublishedRule published(const RuleReport& report);

}  // namespace nudge::sequence_rules
