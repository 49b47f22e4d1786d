// The keyed part: figures of every customer, one record for each change, and the task's share of the population.
#pragma once

#include <memory>

#include "engine/operator.h"

namespace nudge::rfm {

std::unique_ptr<KeyedOperator> make_keyed(const OperatorSetup& setup);

}  // namespace nudge::rfm
