// Sessions as columns: the current one for session scores, the visits so far for customer scores and SQL.
#pragma once

#include <span>

#include "engine/operator.h"

namespace nudge::sessions {

std::span<const Column> columns();
FeatureReader features();

}  // namespace nudge::sessions
