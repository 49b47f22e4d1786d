// What tasks know of a segmentation: its space, and where its segments lie. The bytes of the model `segments.<name>`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operators/segments/feature_space.h"
#include "operators/segments/micro_clusters.h"
#include "operators/segments/weighted_points.h"

namespace nudge::segments {

struct SegmentModel {
  std::uint32_t segmentation = 0;  // its id: features of another one are other numbers
  std::vector<Scaling> scalings;
  Centres centres;                    // in z
  std::vector<std::int32_t> numbers;  // of each segment its own, for good: rising
  GridShifts shifts;                  // of the micro-clusters
  // At a replay's end: the means of the final population's segments, in z.
  std::optional<Centres> final_means;

  std::size_t k() const { return numbers.size(); }
  // `y`: transformed values; `z` is room for as many.
  Nearest nearest_of(std::span<const double> y, std::span<double> z) const;

  std::string encode() const;
  // Nothing where the bytes are none that encode() wrote.
  static std::optional<SegmentModel> decode(std::string_view bytes);
  bool operator==(const SegmentModel&) const = default;
};

// The id of a segment in records and SQL.
std::string segment_id(std::int32_t number);

}  // namespace nudge::segments
