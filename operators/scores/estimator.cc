#include "operators/scores/estimator.h"

#include <algorithm>

#include "engine/check.h"
#include "operators/scores/logistic.h"
#include "operators/scores/network_classifier.h"
#include "operators/scores/tree_classifier.h"

namespace nudge::scores {
void TrainingRows::add(std::span<const float> row, bool label, float weight) {
  NUDGE_CHECK(row.size() == features(), "a number for each feature");
  values.insert(values.end(), row.begin(), row.end());
  labels.push_back(label ? 1 : 0);
  weights.push_back(weight);
}

TrainingRows TrainingRows::chosen(std::span<const std::uint32_t> indexes) const {
  TrainingRows rows{.texts = texts, .values = {}, .labels = {}, .weights = {}};
  rows.values.reserve(indexes.size() * features());
  for (const std::uint32_t index : indexes) rows.add(row(index), labels[index] != 0, weights[index]);
  return rows;
}

std::span<const Estimator> estimators() {
  static constexpr Estimator kEstimators[] = {
      {"ftrl_logistic", fit_logistic, decode_logistic},
      {"back_propagation", fit_network, decode_network},
      {"gradient_boosting", fit_trees, decode_trees},
  };
  return kEstimators;
}

Result<CalibratedModel> fit_calibrated(const Estimator& estimator, const TrainingRows& rows,
                                       std::span<const std::uint8_t> folds, const EstimatorSettings& settings) {
  NUDGE_CHECK(folds.size() == rows.size(), "a fold for each row");
  const unsigned count = rows.size() == 0 ? 0 : *std::max_element(folds.begin(), folds.end()) + 1u;
  NUDGE_CHECK(count > 1, "at least two folds");
  CalibratedModel fitted;
  fitted.held_out.resize(rows.size());
  std::vector<CalibrationRow> judged;
  judged.reserve(rows.size());
  for (unsigned fold = 0; fold < count; ++fold) {
    std::vector<std::uint32_t> taught, kept;
    for (std::uint32_t row = 0; row < rows.size(); ++row) (folds[row] == fold ? kept : taught).push_back(row);
    NUDGE_CHECK(!kept.empty() && !taught.empty(), "no empty fold");
    NUDGE_ASSIGN(const auto model, estimator.fit(rows.chosen(taught), settings));
    for (const std::uint32_t row : kept) fitted.held_out[row] = model->margin(rows.row(row));
  }
  for (std::size_t row = 0; row < rows.size(); ++row)
    judged.push_back({fitted.held_out[row], static_cast<double>(rows.weights[row]), rows.labels[row] != 0});
  fitted.calibration = fit_calibration(judged, kCalibrationPrior);
  NUDGE_ASSIGN(fitted.model, estimator.fit(rows, settings));
  return fitted;
}

}  // namespace nudge::scores
