// The global part: the sales of the window, and a learner for each rule set.
#pragma once

#include <memory>

#include "operators/basket_rules/settings.h"

namespace nudge::basket_rules {

std::unique_ptr<GlobalOperator> make_global(Settings settings);

}  // namespace nudge::basket_rules
