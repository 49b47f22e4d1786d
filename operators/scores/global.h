// The global part of `scores`: one learner for each target, fed at the end of each epoch.
#pragma once

#include <memory>

#include "engine/operator.h"
#include "operators/scores/target.h"

namespace nudge::scores {

std::unique_ptr<GlobalOperator> make_global(Targets targets, const ColumnCatalog& columns);

}  // namespace nudge::scores
