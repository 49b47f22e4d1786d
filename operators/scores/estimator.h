// Fitting a model to all rows of a period at once: what challengers at an epoch's end and `nudge evaluate` share.
//
// An estimator is a name and a function. The same rows in the same order with the same settings give the same model, to
// the last bit. A model's margin is its log-odds before calibration: it ranks; what it means is decided on rows that
// the model did not see (fit_calibrated).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/status.h"
#include "operators/scores/calibration.h"
#include "operators/scores/ftrl.h"
#include "operators/scores/tree_training.h"
#include "state/codec.h"

namespace nudge::scores {

// Rows whose label is known, as features.h makes them: a number, or a text's bucket; unknown is NaN.
struct TrainingRows {
  std::vector<bool> texts;           // of each feature
  std::vector<float> values;         // row-major
  std::vector<std::uint8_t> labels;  // 0 or 1
  std::vector<float> weights;        // above 0

  std::size_t size() const { return labels.size(); }
  std::size_t features() const { return texts.size(); }
  std::span<const float> row(std::size_t index) const {
    return std::span(values).subspan(index * features(), features());
  }
  void add(std::span<const float> row, bool label, float weight = 1);
  // Those at the indexes, in their order.
  TrainingRows chosen(std::span<const std::uint32_t> indexes) const;
};

class FittedModel {
 public:
  virtual ~FittedModel() = default;
  // The margin of a row. `contributions` (as many as features, or none) become what each feature adds to the margin of
  // an average row: they and that margin sum to this one, but for rounding.
  virtual double margin(std::span<const float> row, std::span<double> contributions = {}) const = 0;
  virtual void encode(Encoder& out) const = 0;
};

struct EstimatorSettings {
  std::uint64_t seed = 1;
  FtrlRates ftrl;
  TreeSettings trees{.learning_rate = 0.05};  // its seed is the one above
};

struct Estimator {
  std::string_view name;  // as `models` and reports write it
  // There is at least one row; rows may be of one class.
  Result<std::unique_ptr<FittedModel>> (*fit)(const TrainingRows& rows, const EstimatorSettings& settings);
  // Of what the model encoded; nothing where `in` fails.
  std::unique_ptr<FittedModel> (*decode)(Decoder& in);
};

// All there are: the only place that names them. The first is the one that is always on.
std::span<const Estimator> estimators();

struct CalibratedModel {
  std::unique_ptr<FittedModel> model;
  Calibration calibration;
  // The margin of each training row, by a model that saw none of the row's fold.
  std::vector<double> held_out;
};

// Fits once without each fold, for the calibration, and once to all rows. `folds` are those of the rows, from 0; there
// are at least two, and none is empty.
Result<CalibratedModel> fit_calibrated(const Estimator& estimator, const TrainingRows& rows,
                                       std::span<const std::uint8_t> folds, const EstimatorSettings& settings);

}  // namespace nudge::scores
