#include "operators/segments/weighted_points.h"

#include "operators/segments/feature_space.h"

namespace nudge::segments {

Nearest nearest(const Centres& centres, std::span<const double> point) {
  Nearest found{0, squared_distance(centres.row(0), point)};
  for (std::size_t i = 1; i < centres.size(); ++i)
    if (const double distance = squared_distance(centres.row(i), point); distance < found.squared_distance)
      found = {i, distance};
  return found;
}

}  // namespace nudge::segments
