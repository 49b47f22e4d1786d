// The keyed part: keeps every customer's sessions and tells of what happens to them.
#pragma once

#include <memory>

#include "engine/operator.h"

namespace nudge::sessions {

std::unique_ptr<KeyedOperator> make_keyed(const OperatorSetup& setup);

}  // namespace nudge::sessions
