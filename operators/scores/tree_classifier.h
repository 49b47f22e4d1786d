// The estimator of gradient-boosted trees. Contributions are exact Shapley values (tree_shap.h).
#pragma once

#include "operators/scores/estimator.h"

namespace nudge::scores {

// A failure is XGBoost's.
Result<std::unique_ptr<FittedModel>> fit_trees(const TrainingRows& rows, const EstimatorSettings& settings);
std::unique_ptr<FittedModel> decode_trees(Decoder& in);

}  // namespace nudge::scores
