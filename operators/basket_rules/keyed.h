// The keyed part: tells the global part of sales, and of who belongs to which segment at the end of a slide.
#pragma once

#include <memory>

#include "operators/basket_rules/settings.h"

namespace nudge::basket_rules {

std::unique_ptr<KeyedOperator> make_keyed(const OperatorSetup& setup);

}  // namespace nudge::basket_rules
