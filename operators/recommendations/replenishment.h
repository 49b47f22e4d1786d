// How long what was bought lasts: the median gap between two purchases of an item by one customer, by Kaplan and Meier
// (1958), since the last gap of each customer is not over yet. A median of the gaps that are over is too short.
#pragma once

#include <vector>

#include "engine/time.h"

namespace nudge::recommendations {

struct Gap {
  Millis length = 0;
  bool is_over = false;  // the item was bought again
  auto operator<=>(const Gap&) const = default;
};

// The least length by which at least half of the gaps are over; kNever where they never are. `gaps` are sorted by it.
Millis median_gap(std::vector<Gap>& gaps);

}  // namespace nudge::recommendations
