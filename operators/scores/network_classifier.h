// The estimator of the back-propagation net: a few nets with one sigmoid layer and a logistic output, averaged.
//
// The hidden layer has the usual size (network.h), up to a limit. Each net learns the rows in an order of its own, and
// stops where the log loss of a share of the rows, another share for each net, is least. Contributions follow
// DeepLIFT's rescale rule (Shrikumar, Greenside & Kundaje 2017) against the average row: a closed form, whose parts sum
// to the margin. The seed decides first weights, orders and shares.
#pragma once

#include "operators/scores/estimator.h"

namespace nudge::scores {

Result<std::unique_ptr<FittedModel>> fit_network(const TrainingRows& rows, const EstimatorSettings& settings);
std::unique_ptr<FittedModel> decode_network(Decoder& in);

}  // namespace nudge::scores
