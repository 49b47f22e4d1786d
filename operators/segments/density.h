// Rows parted by where they lie densely: each follows the nearest of its neighbours that lies in a denser place, up to
// one that has none (quick shift: Vedaldi & Soatto, ECCV 2008). How dense a place is says the distance of its k-th
// neighbour, so no scale and no number of clusters is asked for. Rows that end at the same one are a cluster.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nudge::segments {

struct DensityClusters {
  std::vector<std::size_t> labels;  // of each row, 0 … count − 1, in the order of the clusters' densest rows
  std::size_t count = 0;
};

// `values` are finite, row by row, `features` each. Ties go to the lower row. An exact scan for every row: quadratic.
DensityClusters density_clusters(std::span<const float> values, std::size_t features, std::size_t neighbours);

}  // namespace nudge::segments
