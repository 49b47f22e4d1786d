// Which row goes with which column, so that what they share is most: the Hungarian method with potentials, O(n³)
// (Kuhn 1955; Jonker & Volgenant 1987).
#pragma once

#include <cstdint>
#include <vector>

namespace nudge::segments {

// `gains[row][column]`, all rows as long as each other; there may be more of the one than of the other. For each row
// its column, −1 where it got none.
std::vector<int> assign(const std::vector<std::vector<std::int64_t>>& gains);

}  // namespace nudge::segments
