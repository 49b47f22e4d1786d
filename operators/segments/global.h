// The global part: a learner for each segmentation.
#pragma once

#include <memory>

#include "operators/segments/settings.h"

namespace nudge::segments {

std::unique_ptr<GlobalOperator> make_global(Settings settings);

}  // namespace nudge::segments
