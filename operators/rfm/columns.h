// The figures as columns: of SQL, of models, of lists.
#pragma once

#include <span>

#include "engine/operator.h"

namespace nudge::rfm {

std::span<const Column> columns();
FeatureReader features();

}  // namespace nudge::rfm
