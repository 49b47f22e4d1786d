#include "operators/scores/meaning.h"

#include <algorithm>
#include <tuple>

#include "engine/portable_math.h"

namespace nudge::scores {
namespace {

constexpr double kHalfLife = 0.25, kLn2 = 0.69314718055994531;
constexpr std::size_t kCells = 2048;
constexpr double kMarginMost = 32;

}  // namespace

void Meaning::encode(Encoder& out) const {
  out.real(calibration.a);
  out.real(calibration.b);
  out.real(calibration.c);
  bounds.encode(out);
}

void Meaning::decode(Decoder& in) {
  calibration = {in.real(), in.real(), in.real()};
  bounds.decode(in);
}

MarginCells::MarginCells(std::size_t window)
    : cells_(kCells), fading_(portable::exp(-kLn2 / (kHalfLife * static_cast<double>(window)))) {}

void MarginCells::add(double margin, double weight, bool label) {
  const double place = (std::clamp(margin, -kMarginMost, kMarginMost) + kMarginMost) / (2 * kMarginMost);
  Cell& cell = cells_[static_cast<std::size_t>(place * (kCells - 1))];
  weight *= age_weight_;
  cell.weight[label] += weight;
  cell.margins[label] += weight * margin;
  age_weight_ *= fading_;
}

Meaning MarginCells::meaning() const {
  std::vector<CalibrationRow> rows;
  for (const Cell& cell : cells_)
    for (const bool label : {false, true})
      if (cell.weight[label] > 0) rows.push_back({cell.margins[label] / cell.weight[label], cell.weight[label], label});
  const Calibration calibration = fit_calibration(rows, kCalibrationPrior);
  std::sort(rows.begin(), rows.end(), [](const CalibrationRow& left, const CalibrationRow& right) {
    return std::tuple(left.margin, left.label) < std::tuple(right.margin, right.label);
  });
  return {calibration, VennAbers(rows)};
}

}  // namespace nudge::scores
