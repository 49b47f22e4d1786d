// Rows that are alike, for success ratios by segment: k-means on what the rows say, never on their labels.
//
// Numbers count by their place among the quantiles, texts by whether they are equal, each feature alike; an unknown
// lies in the middle of all. Seeded by k-means++, so the same table gives the same segments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"
#include "tools/nudge/evaluate/dataset.h"

namespace nudge::evaluate {

inline constexpr std::size_t kSegmentsMost = 20;

struct SegmentChoice {
  std::size_t count = 0;  // 0: as many, from 2 to 8, as give the least Davies–Bouldin index
};
// A number from 2 on, or `auto`.
Result<SegmentChoice> parse_segments(std::string_view text);

struct Segments {
  std::vector<std::uint8_t> of_rows;
  std::vector<std::string> descriptions;  // what sets each apart most; the largest segment first
  double davies_bouldin = 0;
};

// There are at least as many different rows as segments, else fewer segments.
Segments make_segments(const Dataset& data, const SegmentChoice& choice);

}  // namespace nudge::evaluate
