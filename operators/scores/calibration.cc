#include "operators/scores/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/portable_math.h"

namespace nudge::scores {
namespace {

constexpr double kSlopeLeast = 0.02;  // A flat piece would tie scores that the model tells apart.
constexpr double kInterceptPriorShare = 1e-3;
constexpr int kStepsMax = 30;

using Vector = std::array<double, 3>;

// ln s(m) and −ln(1 − s(m)), whose sum is m.
struct Sides {
  double below, above;
};
Sides sides_of(double margin) {
  const double bend = portable::log1p(portable::exp(-std::abs(margin)));
  const double above = std::max(margin, 0.0) + bend;
  return {margin - above, above};
}

class Fit {
 public:
  Fit(std::span<const CalibrationRow> rows, double prior) : rows_(rows), prior_(prior) {
    inputs_.reserve(rows.size());
    for (const CalibrationRow& row : rows) inputs_.push_back(sides_of(row.margin));
  }

  // Minimises over the free coordinates; the others stay.
  Vector minimise(Vector at, const std::array<bool, 3>& free) const {
    double loss = derive(at);
    for (int step = 0; step < kStepsMax; ++step) {
      const Vector direction = newton_direction(free);
      double length = 1.0;
      bool moved = false;
      for (int halving = 0; halving < 30 && !moved; ++halving, length *= 0.5) {
        Vector next = at;
        for (int i = 0; i < 3; ++i) next[i] -= length * direction[i];
        const Vector gradient = gradient_;
        const std::array<Vector, 3> hessian = hessian_;
        const double next_loss = derive(next);
        if (next_loss < loss) {
          moved = true;
          at = next;
          const double gain = loss - next_loss;
          loss = next_loss;
          if (gain < 1e-10 * (1.0 + std::abs(loss))) return at;
        } else {
          gradient_ = gradient;
          hessian_ = hessian;
        }
      }
      if (!moved) return at;
    }
    return at;
  }

 private:
  double derive(const Vector& at) const {
    const Vector origin = {1, 1, 0};
    const Vector strength = {prior_, prior_, prior_ * kInterceptPriorShare};
    double loss = 0;
    gradient_ = {};
    hessian_ = {};
    for (int i = 0; i < 3; ++i) {
      const double away = at[i] - origin[i];
      loss += 0.5 * strength[i] * away * away;
      gradient_[i] = strength[i] * away;
      hessian_[i][i] = strength[i];
    }
    for (std::size_t n = 0; n < rows_.size(); ++n) {
      const Vector x = {inputs_[n].below, inputs_[n].above, 1.0};
      const double z = at[0] * x[0] + at[1] * x[1] + at[2];
      const double bend = portable::exp(-std::abs(z));
      const double p = z >= 0 ? 1.0 / (1.0 + bend) : bend / (1.0 + bend);
      const double weight = rows_[n].weight;
      loss += weight * (std::max(z, 0.0) + portable::log1p(bend) - (rows_[n].label ? z : 0.0));
      const double slope = weight * (p - (rows_[n].label ? 1.0 : 0.0));
      const double curve = weight * p * (1.0 - p);
      for (int i = 0; i < 3; ++i) {
        gradient_[i] += slope * x[i];
        for (int j = 0; j <= i; ++j) hessian_[i][j] += curve * x[i] * x[j];
      }
    }
    return loss;
  }

  // H⁻¹g over the free coordinates by Cholesky; the prior keeps H positive definite.
  Vector newton_direction(const std::array<bool, 3>& free) const {
    std::array<Vector, 3> lower{};
    Vector y{}, x{};
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j <= i; ++j) {
        double sum = free[i] && free[j] ? hessian_[i][j] : (i == j ? 1.0 : 0.0);
        for (int k = 0; k < j; ++k) sum -= lower[i][k] * lower[j][k];
        lower[i][j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / lower[j][j];
      }
    }
    for (int i = 0; i < 3; ++i) {
      double sum = free[i] ? gradient_[i] : 0.0;
      for (int k = 0; k < i; ++k) sum -= lower[i][k] * y[k];
      y[i] = sum / lower[i][i];
    }
    for (int i = 2; i >= 0; --i) {
      double sum = y[i];
      for (int k = i + 1; k < 3; ++k) sum -= lower[k][i] * x[k];
      x[i] = sum / lower[i][i];
    }
    return x;
  }

  std::span<const CalibrationRow> rows_;
  double prior_;
  std::vector<Sides> inputs_;
  mutable Vector gradient_{};
  mutable std::array<Vector, 3> hessian_{};
};

}  // namespace

double Calibration::apply(double margin) const {
  const Sides sides = sides_of(margin);
  return a * sides.below + b * sides.above + c;
}

Calibration fit_calibration(std::span<const CalibrationRow> rows, double prior) {
  const Fit fit(rows, prior);
  Vector best = fit.minimise({1, 1, 0}, {true, true, true});
  // The loss is convex: where one slope would leave its bound, the bounded optimum lies on the bound.
  if (best[0] < kSlopeLeast || best[1] < kSlopeLeast) {
    const bool first = best[0] < kSlopeLeast;
    Vector start = {first ? kSlopeLeast : 1.0, first ? 1.0 : kSlopeLeast, 0};
    best = fit.minimise(start, {!first, first, true});
    if (best[first ? 1 : 0] < kSlopeLeast) best = fit.minimise({kSlopeLeast, kSlopeLeast, 0}, {false, false, true});
  }
  return {best[0], best[1], best[2]};
}

}  // namespace nudge::scores
