// The parameters of the value model that make the values of customers' repeat orders most likely.
#pragma once

#include <optional>

#include "operators/rfm/newton.h"
#include "operators/rfm/value_cells.h"
#include "operators/rfm/value_model.h"

namespace nudge::rfm {

// The log-likelihood of the sample, and its derivatives by ln p, ln q and ln γ.
Curvature<3> likelihood_of(const ValueParameters& parameters, const ValueSample& sample);

// As fit_purchases.
std::optional<ValueParameters> fit_values(const ValueSample& sample, const std::optional<ValueParameters>& near);

}  // namespace nudge::rfm
