// From the log-odds of a model to log-odds that mean what they say: beta calibration (Kull, Silva Filho & Flach 2017).
//
//   z = a·ln s(m) − b·ln(1 − s(m)) + c,  s the logistic function, a, b > 0, so z rises strictly with m.
//
// a = b = 1, c = 0 is the identity and the prior; a = b is Platt's scaling. Fitted by Newton's method on the weighted
// log loss plus a quadratic prior, in the order of the rows: deterministic.
#pragma once

#include <cstdint>
#include <span>

namespace nudge::scores {

struct Calibration {
  double a = 1, b = 1, c = 0;
  double apply(double margin) const;
  bool operator==(const Calibration&) const = default;
};

struct CalibrationRow {
  double margin = 0;
  double weight = 1;
  bool label = false;
};

// The prior of scores: as if four rows had said that the margins mean what they say.
inline constexpr double kCalibrationPrior = 4;

// `prior` is how strongly a and b are held at 1, in the unit of the rows' weights.
Calibration fit_calibration(std::span<const CalibrationRow> rows, double prior);

}  // namespace nudge::scores
