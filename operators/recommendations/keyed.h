// The keyed part: keeps what each customer bought, recommends after each purchase and reminds when it is time.
#pragma once

#include <memory>

#include "operators/recommendations/settings.h"

namespace nudge::recommendations {

std::unique_ptr<KeyedOperator> make_keyed(Settings settings, const OperatorSetup& setup);

}  // namespace nudge::recommendations
