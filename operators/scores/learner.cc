#include "operators/scores/learner.h"

#include <algorithm>
#include <tuple>

#include "engine/check.h"
#include "engine/hash.h"
#include "operators/scores/refit.h"

namespace nudge::scores {
namespace {

constexpr std::uint64_t kFoldSeed = 0xf01d;
constexpr std::uint64_t kRefitRowsLeast = 250, kRefitWindowsMost = 5;
// The calibration looks at the newest rows most: weights halve over a quarter of the window.
constexpr double kHalfLife = 0.25, kLn2 = 0.69314718055994531;
constexpr std::size_t kCells = 2048;
constexpr double kMarginMost = 32;

}  // namespace

void Learner::learn(std::span<const LabelledRow> rows, bool drifted) {
  last_refit_ = LastRefit::kNone;
  if (rows.empty()) return;
  double weights = 0;
  for (const LabelledRow& row : rows) weights += row.weight;
  const double unit = static_cast<double>(rows.size()) / weights;
  std::vector<float> values(texts_.size());
  std::vector<Term> terms;
  for (const LabelledRow& row : rows) {
    NUDGE_CHECK(unpack(row.features, values), "a row of this schema");
    double margin = 0;
    if (fitted_) {
      basis_.terms(values, terms);
      margin = weights_.margin(terms);
      weights_.learn(terms, margin, row.label, row.weight * unit);
      population_.add(values);
    }
    keep(row, margin, row.weight * unit);
  }
  rows_seen_ += rows.size();
  drifted_ |= drifted;
  refit_if_due();
  if (fitted_) calibrate();
}

void Learner::keep(const LabelledRow& row, double margin, double weight) {
  const auto fold = static_cast<std::uint8_t>(mix(kFoldSeed, row.customer) % kRefitFolds);
  window_.push_back({std::string(row.features), margin, static_cast<float>(weight), fold, row.label});
  positives_ += row.label;
  if (window_.size() <= settings_.window) return;
  positives_ -= window_.front().label;
  window_.pop_front();
}

void Learner::refit_if_due() {
  const std::uint64_t negatives = window_.size() - positives_;
  if (positives_ < settings_.labels_min || negatives < settings_.labels_min) return;
  const std::uint64_t after_drift = std::max<std::uint64_t>(kRefitRowsLeast, settings_.window);
  const bool because_of_drift = fitted_ && drifted_ && rows_seen_ - refitted_at_ >= after_drift;
  if (rows_seen_ < refit_at_ && !because_of_drift) return;
  refit();
  last_refit_ = rows_seen_ < refit_at_ ? LastRefit::kDrift : LastRefit::kMoreRows;
  drifted_ = false;
  refitted_at_ = rows_seen_;
  const std::uint64_t most = kRefitWindowsMost * settings_.window;
  refit_at_ = rows_seen_ + std::clamp(rows_seen_, std::min(kRefitRowsLeast, most), most);
}

void Learner::refit() {
  const std::size_t width = texts_.size();
  std::vector<float> values(window_.size() * width);
  std::vector<RefitRow> rows;
  rows.reserve(window_.size());
  for (const WindowRow& row : window_) {
    NUDGE_CHECK(unpack(row.features, std::span(values).subspan(rows.size() * width, width)), "a row of this schema");
    rows.push_back({row.fold, row.label, row.weight});
  }
  basis_ = Basis(values, texts_);
  population_ = Population(values, texts_);
  Refit refit = refit_weights(basis_, values, rows, settings_.rates);
  for (std::size_t row = 0; row < window_.size(); ++row) window_[row].margin = refit.margins[row];
  weights_ = std::move(refit.weights);
  l1_ = refit.l1;
  input_means_ = std::move(refit.input_means);
  fitted_ = true;
}

// Rows whose margins lie close together are one cell with their mean margin: Newton's steps then cost next to nothing.
void Learner::calibrate() {
  struct Cell {
    double weight[2] = {0, 0}, margins[2] = {0, 0};
  };
  std::vector<Cell> cells(kCells);
  const double fading = portable::exp(-kLn2 / (kHalfLife * static_cast<double>(settings_.window)));
  double age_weight = 1.0;
  for (std::size_t row = window_.size(); row > 0; --row, age_weight *= fading) {
    const WindowRow& at = window_[row - 1];
    const double place = (std::clamp(at.margin, -kMarginMost, kMarginMost) + kMarginMost) / (2 * kMarginMost);
    Cell& cell = cells[static_cast<std::size_t>(place * (kCells - 1))];
    const double weight = static_cast<double>(at.weight) * age_weight;
    cell.weight[at.label] += weight;
    cell.margins[at.label] += weight * at.margin;
  }
  std::vector<CalibrationRow> rows;
  for (const Cell& cell : cells)
    for (const bool label : {false, true})
      if (cell.weight[label] > 0) rows.push_back({cell.margins[label] / cell.weight[label], cell.weight[label], label});
  calibration_ = fit_calibration(rows, kCalibrationPrior);
  std::sort(rows.begin(), rows.end(), [](const CalibrationRow& left, const CalibrationRow& right) {
    return std::tuple(left.margin, left.label) < std::tuple(right.margin, right.label);
  });
  bounds_ = VennAbers(rows);
}

ScoreHistogram Learner::window_scores() const {
  ScoreHistogram scores;
  if (fitted_)
    for (const WindowRow& row : window_) scores.add(calibration_.apply(row.margin));
  return scores;
}

ScoringModel Learner::model(std::uint64_t schema, std::uint8_t shift, const ScoreHistogram& scores) const {
  NUDGE_CHECK(fitted_, "a withheld target has no weights");
  return ScoringModel(schema, shift, basis_, weights_.weights(), input_means_, calibration_, bounds_, scores);
}

void Learner::encode(Encoder& out) const {
  out.varint(window_.size());
  for (const WindowRow& row : window_) {
    out.text(row.features);
    out.real(row.margin);
    out.real32(row.weight);
    out.byte(static_cast<std::uint8_t>(row.fold * 2 + (row.label ? 1 : 0)));
  }
  out.varint(rows_seen_);
  out.varint(refit_at_);
  out.varint(refitted_at_);
  out.boolean(drifted_);
  out.boolean(fitted_);
  if (!fitted_) return;
  basis_.encode(out);
  for (const float mean : input_means_) out.real32(mean);
  population_.encode(out);
  out.real(l1_);
  weights_.encode(out);
  out.real(calibration_.a);
  out.real(calibration_.b);
  out.real(calibration_.c);
  bounds_.encode(out);
}

void Learner::decode(Decoder& in) {
  window_.clear();
  positives_ = 0;
  for (std::size_t left = in.count(14); left > 0; --left) {
    WindowRow row;
    row.features = in.text();
    row.margin = in.real();
    row.weight = in.real32();
    const std::uint8_t flags = in.byte();
    row.fold = flags / 2;
    row.label = flags % 2;
    positives_ += row.label;
    window_.push_back(std::move(row));
  }
  rows_seen_ = in.varint();
  refit_at_ = in.varint();
  refitted_at_ = in.varint();
  drifted_ = in.boolean();
  fitted_ = in.boolean();
  if (!fitted_) return;
  basis_.decode(in);
  input_means_.resize(basis_.inputs());
  for (float& mean : input_means_) mean = in.real32();
  population_.decode(in);
  l1_ = in.real();
  weights_.decode(in, rates());
  calibration_ = {in.real(), in.real(), in.real()};
  bounds_.decode(in);
  if (basis_.features() != texts_.size() || weights_.inputs() != basis_.inputs()) in.fail();
}

}  // namespace nudge::scores
