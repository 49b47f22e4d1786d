#include "operators/segments/population.h"

#include <algorithm>
#include <cmath>

namespace nudge::segments {

std::vector<Scaling> scalings_of(const ClusterFeature& total, const std::vector<Feature>& features) {
  std::vector<Scaling> scalings;
  for (std::size_t j = 0; j < features.size(); ++j) {
    const double sd = std::sqrt(total.axes()[j].variance());
    scalings.push_back(
        {features[j].transform, total.axes()[j].mean(), (sd > 1e-9 ? sd : 1) / std::sqrt(features[j].weight)});
  }
  return scalings;
}

WeightedPoints points_of(const std::vector<const ClusterFeature*>& groups, const std::vector<Scaling>& scalings) {
  WeightedPoints points;
  points.dimensions = scalings.size();
  for (const ClusterFeature* group : groups) {
    const double n = static_cast<double>(group->count());
    double spread = 0;
    for (std::size_t j = 0; j < scalings.size(); ++j) {
      const ClusterFeature::Axis& axis = group->axes()[j];
      const double share = static_cast<double>(axis.known) / n;
      const double z = axis.known == 0 ? 0 : scalings[j].z_of(axis.mean());
      points.values.push_back(share * z);
      spread += share * (axis.variance() / (scalings[j].sd * scalings[j].sd) + z * z * (1 - share));
    }
    points.weights.push_back(n);
    points.spreads.push_back(spread);
  }
  return points;
}

Centres rescaled(const Centres& centres, const std::vector<Scaling>& from, const std::vector<Scaling>& to) {
  Centres result = centres;
  for (std::size_t i = 0; i < result.size(); ++i)
    for (std::size_t j = 0; j < result.dimensions; ++j) result.row(i)[j] = to[j].z_of(from[j].y_of(centres.row(i)[j]));
  return result;
}

}  // namespace nudge::segments
