// A rule: who has bought the antecedent buys the consequent later. What is known of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "operators/rules/hypergeometric.h"
#include "operators/rules/item.h"
#include "operators/sequence_rules/gap_figures.h"
#include "operators/sequence_rules/peaks.h"

namespace nudge::sequence_rules {

using namespace rules;

// By the texts of its items, which outlast their numbers.
struct RuleName {
  std::uint32_t segment = 0;                        // its place in the rule set
  std::vector<std::string> antecedent, consequent;  // rising
  auto operator<=>(const RuleName&) const = default;

  // Rules between single items are a family of their own, whatever is found between sets.
  bool is_pair() const { return antecedent.size() == 1 && consequent.size() == 1; }
};

// Purchases in spells: how many there were, how many ended one, and how many were to be expected to.
struct Followed {
  std::int64_t met = 0, events = 0;
  double expected = 0;

  static Followed of(const GapFigures& figures) { return {figures.met, figures.ended, figures.expected}; }
  Followed operator-(const Followed& other) const {
    return {met - other.met, events - other.events, expected - other.expected};
  }
  // Not a number where nothing is expected.
  double lift() const { return static_cast<double>(events) / expected; }
  // ln of P(as many events or more), where each purchase ends a spell with the chance that is expected of it, or a
  // multiple of it. Of different chances with one sum none makes so many more probable than equal ones (Hoeffding,
  // 1956).
  double log_p(double multiple = 1) const {
    const double mean = multiple * expected;
    if (met == 0 || static_cast<double>(events) <= mean) return 0;
    return log_binomial_at_least(events, met, mean / static_cast<double>(met));
  }
};

struct Rule {
  RuleName name;
  std::vector<Item> antecedent, consequent;  // in the order of the name
  bool is_in_force = false;                  // else it was, and is told of once more
  GapFigures whole;                          // of the window
  Followed before, later;                    // of what lies before the hold-out, and of the hold-out
  // The greatest lift of the rules with an item less in the antecedent, before the hold-out; at least 1.
  double lift_of_parts = 1;
  std::int64_t purchases = 0;  // of the segment in the window
  std::vector<Peak> peaks;
  double log_p = 0, log_q = 0;
};

}  // namespace nudge::sequence_rules
