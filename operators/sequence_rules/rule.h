// A rule: who has bought the antecedent buys the consequent later. What is known of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "operators/rules/hypergeometric.h"
#include "operators/sequence_rules/pair_counts.h"
#include "operators/sequence_rules/peaks.h"

namespace nudge::sequence_rules {

// By the texts of its items, which outlast their numbers.
struct RuleName {
  std::uint32_t segment = 0;  // its place in the rule set
  std::string antecedent, consequent;
  auto operator<=>(const RuleName&) const = default;
};

// Purchases in spells: how many there were, how many had the consequent, and how many were to be expected to.
struct Followed {
  std::int64_t met = 0, events = 0;
  double expected = 0;

  static Followed of(const GapFigures& figures) { return {figures.met, figures.ended, figures.expected}; }
  Followed operator-(const Followed& other) const {
    return {met - other.met, events - other.events, expected - other.expected};
  }
  // Not a number where nothing is expected.
  double lift() const { return static_cast<double>(events) / expected; }
  // ln of P(as many events or more), where each purchase has the consequent with the chance that is expected of it. Of
  // different chances with one sum none makes so many more probable than equal ones (Hoeffding, 1956).
  double log_p() const {
    if (met == 0 || static_cast<double>(events) <= expected) return 0;
    return log_binomial_at_least(events, met, expected / static_cast<double>(met));
  }
};

struct Rule {
  RuleName name;
  PairCounts::Pair pair;
  GapFigures whole;            // of the window
  Followed before, later;      // of what lies before the hold-out, and of the hold-out
  std::int64_t purchases = 0;  // of the segment in the window
  std::vector<Peak> peaks;
  double log_p = 0, log_q = 0;
};

}  // namespace nudge::sequence_rules
