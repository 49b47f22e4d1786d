// Bins of a gap in which the consequent follows more often than in the bins around them.
//
// The hazard of a bin is tested against the median hazard of the five bins on each side, by the binomial, and, since
// that median is an estimate (and 0 where little happens), against what these bins hold together, by the exact
// comparison of two rates (Przyborowski & Wilenski, Biometrika 1940). The greatest of these p-values counts: so a slope
// is no peak. Where a bin has not two others on each side it cannot be told from one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/sequence_rules/gap_figures.h"

namespace nudge::sequence_rules {

// How often something happened in each bin, and to how many it could have.
struct Rates {
  std::span<const std::int64_t> events, at_risk;
};

// ln of the p-value of a bin; 0 where it cannot be tested.
double log_p_of_bin(const Rates& rates, std::size_t bin);

struct Peak {
  std::size_t at = 0;               // the bin with the greatest hazard
  std::size_t from = 0, until = 0;  // bins that stand out; one behind the last
  double log_q = 0;                 // of the bin `at`
  bool is_confirmed = false;        // later
};

// One rule's gaps: until the hold-out began, and in the hold-out.
struct GapParts {
  std::vector<std::int64_t> events_before, at_risk_before, events_later, at_risk_later;

  GapParts(const GapFigures& before, const GapFigures& whole);
};

// The peaks of each rule of a family, rising, found before the hold-out at a false discovery rate of at most `fdr` over
// all bins of all rules in which at least `at_risk_least` were at risk; and whether the hold-out confirms them, at 5 %.
std::vector<std::vector<Peak>> find_peaks(std::span<const GapParts> rules, std::int64_t at_risk_least, double fdr);

}  // namespace nudge::sequence_rules
