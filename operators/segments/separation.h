// How well a clustering parts its points, and how much two clusterings agree.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "operators/segments/kmeans.h"

namespace nudge::segments {

// Davies & Bouldin (1979): the mean over clusters of the worst (sᵢ + sⱼ) / |cᵢ − cⱼ|; lower is better. `scatter[i]` is
// the mean distance of a cluster's members from its mean. Clusters without members (scatter below 0) are left out, and
// so are means that coincide; nothing with fewer than two clusters.
std::optional<double> davies_bouldin(const Centres& means, std::span<const double> scatter);
// The same of weighted points: a point that stands for several is as far as their mean square distance says.
std::optional<double> davies_bouldin(const WeightedPoints& points, const Clustering& clustering);

// Hubert & Arabie (1985), by weights: 1 for equal partitions, about 0 for independent ones.
double adjusted_rand_index(std::span<const std::size_t> a, std::span<const std::size_t> b,
                           std::span<const double> weights);

}  // namespace nudge::segments
