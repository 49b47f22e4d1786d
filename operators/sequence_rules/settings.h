// What is configured: the items of `operators.sequence_rules`, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/operator.h"
#include "operators/rules/rule_set.h"
#include "operators/rules/sale_teller.h"
#include "operators/rules/share.h"

namespace nudge::sequence_rules {

using namespace rules;

// Of the search for rules between sets.
struct SetSettings {
  Share min_support, min_confidence;                // of customers
  std::size_t items_most = 0;                       // of a side
  std::size_t candidates_most = 0, rules_most = 0;  // of a segment
};

struct RuleSet : Scope {
  Millis horizon = 0, bin = 0;
  Millis window = 0, slide = 0, holdout = 0;
  std::int64_t count_least = 0;
  double fdr = 0.05;
  std::size_t rules_most = 0;  // of a segment
  std::optional<SetSettings> sets;

  std::int32_t bins() const { return static_cast<std::int32_t>(horizon / bin); }
};

struct Settings {
  std::vector<RuleSet> all;
  Millis epoch = 0;
  std::size_t sales_most = 0;

  Millis longest_window() const;
  Telling telling() const;
};

config::Parameter parameters();
void check(const OperatorSetup& setup, std::vector<config::Problem>& problems);
// The configuration is checked.
Settings read_settings(const OperatorSetup& setup);

}  // namespace nudge::sequence_rules
