// The keyed part of `scores`: when to score, and when a score's label is known.
#pragma once

#include <memory>

#include "engine/operator.h"
#include "operators/scores/target.h"

namespace nudge::scores {

std::unique_ptr<KeyedOperator> make_keyed(Targets targets, const ColumnCatalog& columns, std::uint8_t slot);

}  // namespace nudge::scores
