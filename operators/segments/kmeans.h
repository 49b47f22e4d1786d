// k-means of weighted points: Lloyd's steps from given centres, and centres to begin with by k-means++ (Arthur &
// Vassilvitskii, SODA 2007). Functions of their arguments: the same on every machine and thread.
#pragma once

#include <cstdint>
#include <vector>

#include "operators/segments/weighted_points.h"

namespace nudge::segments {

inline constexpr int kStepsMost = 300;

struct Clustering {
  Centres centres;
  std::vector<std::size_t> labels;  // of each point: its nearest centre
  double inertia = 0;               // the weighted sum of squared distances, spreads left out

  std::size_t k() const { return centres.size(); }
};

// Draws centres among the points until there are `k`, those of `centres` included; fewer where all points are
// covered. Of some candidates each time that which leaves the least inertia, as scikit-learn does.
void seed_centres(const WeightedPoints& points, std::size_t k, std::uint64_t seed, Centres& centres);

// Steps until no label changes, or `steps_max`, or the inertia is at most `inertia_enough`, or a step takes no more
// than the share `gain_least` of it. A centre that loses all its points moves to the point that is worst off. There are
// at least one point and one centre, and not more centres than different points.
Clustering lloyd(const WeightedPoints& points, Centres centres, int steps_max = kStepsMost, double inertia_enough = -1,
                 double gain_least = 0);

// The best of `starts` seedings.
Clustering best_of(const WeightedPoints& points, std::size_t k, int starts, std::uint64_t seed);

}  // namespace nudge::segments
