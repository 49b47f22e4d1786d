#include "operators/scores/learner.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/hash.h"
#include "operators/scores/refit.h"

namespace nudge::scores {
namespace {

constexpr std::uint64_t kFoldSeed = 0xf01d;
constexpr std::uint64_t kRefitRowsLeast = 250, kRefitWindowsMost = 5;

}  // namespace

Learner::Learner(std::vector<bool> texts, const LearnerSettings& settings)
    : texts_(std::move(texts)), settings_(settings) {
  for (const std::size_t estimator : settings.challengers) challengers_.emplace_back(estimator);
}

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
    keep(row, values, margin, row.weight * unit);
  }
  rows_seen_ += rows.size();
  drifted_ |= drifted;
  refit_if_due();
  if (!fitted_) return;
  fit_challengers();
  calibrate();
}

void Learner::keep(const LabelledRow& row, std::span<const float> values, double margin, double weight) {
  const auto fold = static_cast<std::uint8_t>(mix(kFoldSeed, row.customer) % kRefitFolds);
  window_.push_back({std::string(row.features), margin, static_cast<float>(weight), fold, row.label});
  positives_ += row.label;
  for (Challenger& challenger : challengers_) challenger.keep(values);
  if (window_.size() <= settings_.window) return;
  positives_ -= window_.front().label;
  window_.pop_front();
  for (Challenger& challenger : challengers_) challenger.forget_first();
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

std::vector<float> Learner::window_values() const {
  const std::size_t width = texts_.size();
  std::vector<float> values(window_.size() * width);
  std::size_t place = 0;
  for (const WindowRow& row : window_) {
    NUDGE_CHECK(unpack(row.features, std::span(values).subspan(place, width)), "a row of this schema");
    place += width;
  }
  return values;
}

void Learner::refit() {
  const std::vector<float> values = window_values();
  std::vector<RefitRow> rows;
  rows.reserve(window_.size());
  for (const WindowRow& row : window_) rows.push_back({row.fold, row.label, row.weight});
  basis_ = Basis(values, texts_);
  population_ = Population(values, texts_);
  Refit refit = refit_weights(basis_, values, rows, settings_.rates);
  for (std::size_t row = 0; row < window_.size(); ++row) window_[row].margin = refit.margins[row];
  weights_ = std::move(refit.weights);
  l1_ = refit.l1;
  input_means_ = std::move(refit.input_means);
  fitted_ = true;
}

void Learner::fit_challengers() {
  const bool told = last_refit_ == LastRefit::kDrift;
  const auto is_due = [&](const Challenger& challenger) { return told || challenger.is_due(rows_seen_); };
  if (std::none_of(challengers_.begin(), challengers_.end(), is_due)) return;
  TrainingRows rows{.texts = texts_, .values = window_values(), .labels = {}, .weights = {}};
  std::vector<std::uint8_t> folds;
  for (const WindowRow& row : window_) {
    rows.labels.push_back(row.label);
    rows.weights.push_back(row.weight);
    folds.push_back(row.fold);
  }
  for (Challenger& challenger : challengers_)
    if (is_due(challenger)) challenger.fit(rows, folds, rows_seen_);
}

void Learner::calibrate() {
  MarginCells own(settings_.window);
  for (auto row = window_.rbegin(); row != window_.rend(); ++row)
    own.add(row->margin, static_cast<double>(row->weight), row->label);
  meaning_ = own.meaning();
  for (Challenger& challenger : challengers_) {
    if (!challenger.active()) continue;
    MarginCells cells(settings_.window);
    for (std::size_t row = window_.size(); row-- > 0;)
      cells.add(challenger.margins()[row], static_cast<double>(window_[row].weight), window_[row].label);
    challenger.set_meaning(cells.meaning());
  }
}

ScoreHistogram Learner::window_scores(std::size_t contestant) const {
  ScoreHistogram scores;
  if (!active(contestant)) return scores;
  for (std::size_t row = 0; row < window_.size(); ++row)
    scores.add(calibration(contestant)
                   .apply(contestant == 0 ? window_[row].margin : challengers_[contestant - 1].margins()[row]));
  return scores;
}

ScoringModel Learner::model(std::uint64_t schema, std::uint8_t shift, const ScoreHistogram& scores,
                            std::size_t contestant) const {
  NUDGE_CHECK(active(contestant), "a withheld target has no model");
  if (contestant == 0) return {schema, shift, basis_, weights_.weights(), input_means_, meaning_, scores};
  const Challenger& challenger = challengers_[contestant - 1];
  return {schema, shift, challenger.estimator(), challenger.model(), challenger.meaning(), scores};
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
  out.varint(challengers_.size());
  for (const Challenger& challenger : challengers_) {
    out.varint(challenger.estimator());
    std::string bytes;
    Encoder own(bytes);
    challenger.encode(own);
    out.text(bytes);
  }
  out.boolean(fitted_);
  if (!fitted_) return;
  basis_.encode(out);
  for (const float mean : input_means_) out.real32(mean);
  population_.encode(out);
  out.real(l1_);
  weights_.encode(out);
  meaning_.encode(out);
}

// Those that are configured no more are left out; new ones begin with no margins.
void Learner::decode_challengers(Decoder& in) {
  for (Challenger& challenger : challengers_) challenger.begin(window_.size());
  for (std::size_t left = in.count(2); left > 0; --left) {
    const std::uint64_t estimator = in.varint();
    Decoder own(in.text());
    for (Challenger& challenger : challengers_) {
      if (challenger.estimator() != estimator) continue;
      challenger.decode(own);
      if (!own.ok() || challenger.margins().size() != window_.size()) return in.fail();
    }
  }
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
  decode_challengers(in);
  fitted_ = in.boolean();
  if (!fitted_) return;
  basis_.decode(in);
  input_means_.resize(basis_.inputs());
  for (float& mean : input_means_) mean = in.real32();
  population_.decode(in);
  l1_ = in.real();
  weights_.decode(in, rates());
  meaning_.decode(in);
  if (basis_.features() != texts_.size() || weights_.inputs() != basis_.inputs()) in.fail();
}

}  // namespace nudge::scores
