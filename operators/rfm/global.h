// The global part: the cut points and the lifetime models of the whole population, once per epoch.
#pragma once

#include <memory>

#include "engine/operator.h"
#include "operators/rfm/purchase_model.h"

namespace nudge::rfm {

std::unique_ptr<GlobalOperator> make_global(PurchaseModel model);

}  // namespace nudge::rfm
