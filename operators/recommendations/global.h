// The global part: once per slide, what is known of items, and what the rows of the slide have taught.
#pragma once

#include <memory>

#include "operators/recommendations/settings.h"

namespace nudge::recommendations {

std::unique_ptr<GlobalOperator> make_global(Settings settings);

}  // namespace nudge::recommendations
