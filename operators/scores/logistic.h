// The estimator of the model that is always on: FTRL logistic regression on the basis, shown all rows in order.
#pragma once

#include "operators/scores/estimator.h"

namespace nudge::scores {

// The order of the rows is part of the result. Contributions are exact.
Result<std::unique_ptr<FittedModel>> fit_logistic(const TrainingRows& rows, const EstimatorSettings& settings);
std::unique_ptr<FittedModel> decode_logistic(Decoder& in);

}  // namespace nudge::scores
