// The maximum of a smooth function of a few logarithms of parameters, by Newton's method: damped (Levenberg) where the
// function is not concave, within a box. No chance and a fixed order of sums, so the same call gives the same bits.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

namespace nudge::rfm {

template <std::size_t kSize>
using Coordinates = std::array<double, kSize>;

// Of a function at one place; only the lower half of the second derivatives is read.
template <std::size_t kSize>
struct Curvature {
  double value = 0;
  Coordinates<kSize> first = {};
  std::array<Coordinates<kSize>, kSize> second = {};

  // From derivatives by the parameters to derivatives by their logarithms.
  void by_logarithms(const Coordinates<kSize>& parameters) {
    for (std::size_t i = 0; i < kSize; ++i) {
      first[i] *= parameters[i];
      for (std::size_t j = 0; j <= i; ++j) second[i][j] *= parameters[i] * parameters[j];
      second[i][i] += first[i];
    }
  }
};

template <std::size_t kSize>
struct Maximum {
  Coordinates<kSize> at = {};
  double value = 0;
  bool converged = false;  // else the best place that was found
};

namespace newton {

inline constexpr int kEvaluationsMax = 200, kIdleMost = 3;
// In units of the function, a log-likelihood: where a step gains less, the place is right to a thousandth of the
// parameters' standard errors, and the step itself makes that error many times smaller.
inline constexpr double kGainLeast = 1e-6;
// The same where the second derivatives are lost in rounding: no free coordinate that moves by one gains more.
inline constexpr double kSlopeLeast = 1e-3;
inline constexpr double kStepMost = 2.5;    // of a logarithm
inline constexpr double kRounding = 1e-12;  // of the value
inline constexpr double kDampingFirst = 1e-8, kDampingSlight = 1e-2, kDampingMost = 1e9;

// Solves (−second + damping · |diagonal|) step = first for the free coordinates; the others do not move. Nothing where
// the matrix is not positive definite.
template <std::size_t kSize>
std::optional<Coordinates<kSize>> step(const Curvature<kSize>& here, const std::array<bool, kSize>& free,
                                       double damping) {
  std::array<Coordinates<kSize>, kSize> root = {};  // Cholesky's, lower
  Coordinates<kSize> solved = {};
  for (std::size_t i = 0; i < kSize; ++i) {
    if (!free[i]) continue;
    for (std::size_t j = 0; j <= i; ++j) {
      if (!free[j]) continue;
      double sum = -here.second[i][j];
      if (i == j) sum += damping * (std::abs(here.second[i][i]) + kGainLeast);
      const double whole = sum;
      for (std::size_t k = 0; k < j; ++k) sum -= root[i][k] * root[j][k];
      if (i != j) {
        root[i][j] = sum / root[j][j];
        continue;
      }
      if (!(sum > kRounding * whole)) return std::nullopt;
      root[i][i] = std::sqrt(sum);
    }
  }
  for (std::size_t i = 0; i < kSize; ++i) {
    if (!free[i]) continue;
    double sum = here.first[i];
    for (std::size_t k = 0; k < i; ++k) sum -= root[i][k] * solved[k];
    solved[i] = sum / root[i][i];
  }
  for (std::size_t i = kSize; i-- > 0;) {
    if (!free[i]) continue;
    double sum = solved[i];
    for (std::size_t k = i + 1; k < kSize; ++k) sum -= root[k][i] * solved[k];
    solved[i] = sum / root[i][i];
  }
  return solved;
}

}  // namespace newton

template <std::size_t kSize>
struct Box {
  Coordinates<kSize> least, most;
  double within(std::size_t i, double value) const { return std::clamp(value, least[i], most[i]); }
};

// `function(at)` gives the Curvature at logarithms within the box.
template <std::size_t kSize, typename Function>
Maximum<kSize> maximise(Coordinates<kSize> at, const Box<kSize>& box, Function function) {
  for (std::size_t i = 0; i < kSize; ++i) at[i] = box.within(i, at[i]);
  Curvature<kSize> here = function(at);
  double damping = 0;
  int idle = 0;  // steps in a row that gained too little
  const auto damp_more = [&] { damping = std::max(10 * damping, newton::kDampingFirst); };
  for (int evaluations = 1; evaluations < newton::kEvaluationsMax && damping <= newton::kDampingMost;) {
    std::array<bool, kSize> free;
    double steepest = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      free[i] = !(at[i] <= box.least[i] && here.first[i] < 0) && !(at[i] >= box.most[i] && here.first[i] > 0);
      if (free[i]) steepest = std::max(steepest, std::abs(here.first[i]));
    }
    if (damping > 0 && steepest < newton::kSlopeLeast && std::isfinite(here.value)) return {at, here.value, true};
    const auto step = newton::step(here, free, damping);
    if (!step) {
      damp_more();
      continue;
    }
    double gain = 0, size = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      gain += here.first[i] * (*step)[i] / 2;
      size = std::max(size, std::abs((*step)[i]));
    }
    const double share = size > newton::kStepMost ? newton::kStepMost / size : 1;
    Coordinates<kSize> next = at;
    for (std::size_t i = 0; i < kSize; ++i) next[i] = box.within(i, at[i] + share * (*step)[i]);
    if (damping == 0 && gain < newton::kGainLeast) return {next, here.value + gain, true};
    const Curvature<kSize> there = function(next);
    ++evaluations;
    if (!(there.value >= here.value - newton::kRounding * std::abs(here.value))) {
      damp_more();
      continue;
    }
    idle = there.value - here.value < newton::kGainLeast ? idle + 1 : 0;
    at = next;
    here = there;
    if (idle >= newton::kIdleMost || (idle > 0 && damping < newton::kDampingSlight)) return {at, here.value, true};
    damping = damping > newton::kDampingFirst ? damping / 10 : 0;
  }
  // Where no step gains anything, however short, the slope is rounding.
  return {at, here.value, damping > newton::kDampingMost && std::isfinite(here.value)};
}

}  // namespace nudge::rfm
