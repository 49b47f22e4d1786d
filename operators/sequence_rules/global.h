// The global part: what the tasks have told, and a learner for each rule set.
#pragma once

#include <memory>

#include "operators/sequence_rules/settings.h"

namespace nudge::sequence_rules {

std::unique_ptr<GlobalOperator> make_global(Settings settings);

}  // namespace nudge::sequence_rules
