#include "operators/scores/learner.h"

#include <algorithm>
#include <array>

#include "engine/check.h"
#include "engine/hash.h"

namespace nudge::scores {
namespace {

constexpr std::uint8_t kFolds = 3;
constexpr std::uint64_t kFoldSeed = 0xf01d;
// Passes of a refit: few rows are shown more often, so that a refit's cost is bounded.
constexpr std::size_t kRowsShown = 30'000, kPassesLeast = 2, kPassesMost = 12;
constexpr std::uint64_t kRefitRowsLeast = 250, kRefitWindowsMost = 5;
// The calibration looks at the newest rows most: weights halve over a quarter of the window.
constexpr double kHalfLife = 0.25, kLn2 = 0.69314718055994531;
constexpr std::size_t kCells = 2048;
constexpr double kMarginMost = 32;

// The inputs of many rows, once for all passes.
struct Inputs {
  std::vector<Term> terms;
  std::vector<std::size_t> ends;
  std::span<const Term> row(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends[index - 1];
    return std::span(terms).subspan(begin, ends[index] - begin);
  }
};

}  // namespace

void Learner::learn(std::span<const LabelledRow> rows) {
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
    }
    keep(row, margin, row.weight * unit);
  }
  rows_seen_ += rows.size();
  const std::uint64_t negatives = window_.size() - positives_;
  const bool enough = positives_ >= settings_.labels_min && negatives >= settings_.labels_min;
  if (enough && rows_seen_ >= refit_at_) {
    refit();
    const std::uint64_t most = kRefitWindowsMost * settings_.window;
    refit_at_ = rows_seen_ + std::clamp(rows_seen_, std::min(kRefitRowsLeast, most), most);
  }
  if (fitted_) calibrate();
}

void Learner::keep(const LabelledRow& row, double margin, double weight) {
  const auto fold = static_cast<std::uint8_t>(mix(kFoldSeed, row.customer) % kFolds);
  window_.push_back({std::string(row.features), margin, static_cast<float>(weight), fold, row.label});
  positives_ += row.label;
  if (window_.size() <= settings_.window) return;
  positives_ -= window_.front().label;
  window_.pop_front();
}

void Learner::refit() {
  const std::size_t width = texts_.size(), rows = window_.size();
  NUDGE_CHECK(rows > 0, "enough labels of both kinds");
  std::vector<float> values(rows * width);
  for (std::size_t row = 0; row < rows; ++row)
    NUDGE_CHECK(unpack(window_[row].features, std::span(values).subspan(row * width, width)), "a row of this schema");
  basis_ = Basis(values, texts_);
  Inputs inputs;
  inputs.terms.reserve(rows * (1 + 3 * width));  // as many as there can be: what is not used takes no memory
  inputs.ends.reserve(rows);
  std::vector<Term> terms;
  for (std::size_t row = 0; row < rows; ++row) {
    basis_.terms(std::span(values).subspan(row * width, width), terms);
    inputs.terms.insert(inputs.terms.end(), terms.begin(), terms.end());
    inputs.ends.push_back(inputs.terms.size());
  }
  std::vector<double> sums(basis_.inputs());
  for (const Term& term : inputs.terms) sums[term.index] += static_cast<double>(term.value);
  input_means_.resize(sums.size());
  for (std::size_t input = 0; input < sums.size(); ++input)
    input_means_[input] = static_cast<float>(sums[input] / static_cast<double>(rows));
  const std::size_t passes = std::clamp(kRowsShown / rows, kPassesLeast, kPassesMost);
  // Side by side: what one waits for, the processor does for another. The last one learns all rows.
  std::array<Ftrl, kFolds + 1> fits;
  fits.fill(Ftrl(basis_.inputs(), settings_.rates));
  for (std::size_t pass = 0; pass < passes; ++pass) {
    for (std::size_t row = 0; row < rows; ++row) {
      const std::span<const Term> at = inputs.row(row);
      const WindowRow& known = window_[row];
      for (std::size_t without = 0; without < fits.size(); ++without)
        if (without != known.fold) fits[without].learn(at, fits[without].margin(at), known.label, known.weight);
    }
  }
  for (std::size_t row = 0; row < rows; ++row) window_[row].margin = fits[window_[row].fold].margin(inputs.row(row));
  weights_ = std::move(fits.back());
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
}

ScoreHistogram Learner::window_scores() const {
  ScoreHistogram scores;
  if (fitted_)
    for (const WindowRow& row : window_) scores.add(calibration_.apply(row.margin));
  return scores;
}

ScoringModel Learner::model(std::uint64_t schema, std::uint8_t shift, const ScoreHistogram& scores) const {
  NUDGE_CHECK(fitted_, "a withheld target has no weights");
  return ScoringModel(schema, shift, basis_, weights_, input_means_, calibration_, scores);
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
  out.boolean(fitted_);
  if (!fitted_) return;
  basis_.encode(out);
  for (const float mean : input_means_) out.real32(mean);
  weights_.encode(out);
  out.real(calibration_.a);
  out.real(calibration_.b);
  out.real(calibration_.c);
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
  fitted_ = in.boolean();
  if (!fitted_) return;
  basis_.decode(in);
  input_means_.resize(basis_.inputs());
  for (float& mean : input_means_) mean = in.real32();
  weights_.decode(in, settings_.rates);
  calibration_ = {in.real(), in.real(), in.real()};
  if (basis_.features() != texts_.size() || weights_.inputs() != basis_.inputs()) in.fail();
}

}  // namespace nudge::scores
