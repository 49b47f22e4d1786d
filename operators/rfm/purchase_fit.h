// The parameters of the purchase model that make customers' orders most likely.
#pragma once

#include <optional>

#include "operators/rfm/newton.h"
#include "operators/rfm/purchase_cells.h"
#include "operators/rfm/purchase_model.h"

namespace nudge::rfm {

// Parameters stay within these; where the likelihood still grows there (nobody ever leaves, all customers are alike),
// it hardly does. α has the unit of time.
inline constexpr PurchaseParameters kParametersLeast{1e-5, 1e-5, 1e-5, 1e-5}, kParametersMost{1e4, 1e8, 1e4, 1e4};

// The log-likelihood of the sample, and its derivatives by ln r, ln α, ln a and ln b.
Curvature<4> likelihood_of(PurchaseModel model, const PurchaseParameters& parameters, const PurchaseSample& sample);

struct PurchaseFit {
  PurchaseParameters parameters;
  double log_likelihood = 0;
};
// `near`: parameters that were best for nearly the same customers; nothing: the search begins at several places.
// Nothing where the search finds no end. The sample must not be empty.
std::optional<PurchaseFit> fit_purchases(PurchaseModel model, const PurchaseSample& sample,
                                         const std::optional<PurchaseParameters>& near);

}  // namespace nudge::rfm
