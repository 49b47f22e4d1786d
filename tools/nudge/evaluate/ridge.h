// A number predicted from a row: linear in the inputs of the basis, drawn to 0 (ridge regression), solved exactly.
#pragma once

#include <span>
#include <vector>

#include "operators/scores/basis.h"

namespace nudge::evaluate {

class Ridge {
 public:
  // Minimises Σ (target − prediction)² + strength · Σ weight², the intercept's weight left out. `values` are row-major;
  // there is at least one row; the strength is above 0.
  Ridge(const scores::Basis& basis, std::span<const float> values, std::span<const double> targets, double strength);

  double predict(const scores::Basis& basis, std::span<const float> row) const;

 private:
  std::vector<double> weights_;
};

}  // namespace nudge::evaluate
