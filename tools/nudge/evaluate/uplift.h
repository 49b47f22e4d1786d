// Whether a treatment sways people, and whom it sways: models of its effect on a table in which it was given by chance.
//
// Each arm is compared with those to whom nothing was done. `response` orders rows by the probability of a true label
// if treated, as a list does that knows no effects. `t_learner` takes the difference of two such models, one of the
// treated and one of the others; `x_learner` predicts for each row the effect itself, from what the other arm's model
// would have said of it (Künzel et al., "Metalearners for estimating heterogeneous treatment effects", 2019). Every row
// is judged by models that did not see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"
#include "tools/nudge/evaluate/dataset.h"
#include "tools/nudge/evaluate/work.h"

namespace nudge::evaluate {

struct UpliftOptions {
  std::size_t folds = 5, resamples = 400;
  std::uint64_t seed = 1;
  unsigned threads = 1;
};

struct UpliftModel {
  std::string_view name;
  std::optional<double> qini = {};  // qini.h
  // Of resamples of the rows: the middle 90 % of the figure, and the lower 5 % point of how much it is above that of
  // `response` on the same rows.
  std::optional<double> low = {}, high = {}, gain_low = {};
};

struct UpliftArm {
  std::string name;
  std::size_t rows[2] = {0, 0}, positives[2] = {0, 0};  // to whom nothing was done, treated
  std::vector<UpliftModel> models;                      // response, t_learner, x_learner

  // The difference of the rates of true labels, and its standard error.
  double effect() const;
  double effect_error() const;
  // The x_learner is better than `response`, and not by chance: then, and only then, effects choose whom to treat.
  bool uses_uplift() const { return models.back().gain_low.value_or(0) > 0; }
};

// Needs a treatment. A failure says which rows are too few.
Result<std::vector<UpliftArm>> run_uplift(const Dataset& data, const UpliftOptions& options);

}  // namespace nudge::evaluate
