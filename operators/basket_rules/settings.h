// What is configured: the items of `operators.basket_rules`, checked.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/operator.h"
#include "operators/rules/rule_set.h"
#include "operators/rules/sale_teller.h"
#include "operators/rules/share.h"

namespace nudge::basket_rules {

using namespace rules;

struct RuleSet : Scope {
  Millis window = 0, slide = 0, holdout = 0;
  Share min_support, min_confidence;
  std::size_t items_most = 4;  // of a rule
  double fdr = 0.05;
  std::size_t candidates_most = 0, rules_most = 0;  // of a segment
};

struct Settings {
  std::vector<RuleSet> all;
  Millis epoch = 0;
  std::size_t sales_most = 0;

  Millis longest_window() const;
  Millis longest_slide() const;
  Telling telling() const;
};

config::Parameter parameters();
void check(const OperatorSetup& setup, std::vector<config::Problem>& problems);
// The configuration is checked.
Settings read_settings(const OperatorSetup& setup);

}  // namespace nudge::basket_rules
