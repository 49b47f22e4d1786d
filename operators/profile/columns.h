// What SQL, models and lists see of a profile.
#pragma once

#include <span>

#include "engine/operator.h"

namespace nudge::profile {

std::span<const Column> columns();
FeatureReader features();

}  // namespace nudge::profile
