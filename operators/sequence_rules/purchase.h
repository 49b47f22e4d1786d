// What one customer bought at one moment.
#pragma once

#include <span>

#include "engine/time.h"
#include "operators/rules/item.h"

namespace nudge::sequence_rules {

using namespace rules;

struct Purchase {
  Millis time = 0;
  std::span<const Item> items;  // each once, rising
};

}  // namespace nudge::sequence_rules
