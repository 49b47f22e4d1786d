// What is configured: the items of `operators.basket_rules`, checked.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/operator.h"
#include "operators/rules/rule_set.h"
#include "operators/rules/sale_teller.h"

namespace nudge::basket_rules {

using namespace rules;

// A share of baskets, exact: in billionths.
struct Share {
  static constexpr std::int64_t kOne = 1'000'000'000;
  std::int64_t billionths = 0;

  double value() const { return static_cast<double>(billionths) / static_cast<double>(kOne); }
  // Whether `part` of `whole` is at least this.
  bool is_met(std::int64_t part, std::int64_t whole) const {
    return static_cast<Int128>(part) * kOne >= static_cast<Int128>(billionths) * whole;
  }
  // The least part of `whole`, at least 1, that meets it.
  std::int64_t least_of(std::int64_t whole) const;
};

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
