// The global part: the cut points of the whole population, once per epoch.
#pragma once

#include <memory>

#include "engine/operator.h"

namespace nudge::rfm {

std::unique_ptr<GlobalOperator> make_global(const OperatorSetup& setup);

}  // namespace nudge::rfm
