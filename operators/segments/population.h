// The whole population of a segmentation as weighted points in z, made of its micro-clusters.
#pragma once

#include <vector>

#include "operators/segments/micro_clusters.h"
#include "operators/segments/settings.h"
#include "operators/segments/weighted_points.h"

namespace nudge::segments {

// Mean and deviation of each feature over those in whom it is known, the weight folded in. A feature that is constant,
// or known in nobody, gets deviation 1.
std::vector<Scaling> scalings_of(const ClusterFeature& total, const std::vector<Feature>& features);

// One point for each group, in the order of `groups`: its mean, unknown counting as 0.
WeightedPoints points_of(const std::vector<const ClusterFeature*>& groups, const std::vector<Scaling>& scalings);

// z under one scaling as z under another.
Centres rescaled(const Centres& centres, const std::vector<Scaling>& from, const std::vector<Scaling>& to);

}  // namespace nudge::segments
