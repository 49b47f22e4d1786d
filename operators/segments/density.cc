#include "operators/segments/density.h"

#include <algorithm>
#include <tuple>

#include "operators/segments/similarity.h"

namespace nudge::segments {

DensityClusters density_clusters(std::span<const float> values, std::size_t features, std::size_t neighbours) {
  DensityClusters clusters;
  const std::size_t rows = features == 0 ? 0 : values.size() / features;
  if (rows == 0) return clusters;
  SimilarityTable table(features);
  for (std::size_t i = 0; i < rows; ++i) table.set(i, values.subspan(i * features, features));
  const std::vector<float> weights(features, 1.0f);
  std::vector<std::vector<Similar>> near(rows);
  for (std::size_t i = 0; i < rows; ++i)  // a row is its own nearest neighbour
    near[i] = table.nearest(values.subspan(i * features, features), weights, neighbours + 1);
  const auto is_denser = [&](std::size_t a, std::size_t b) {
    return std::tuple(near[a].back().squared_distance, a) < std::tuple(near[b].back().squared_distance, b);
  };
  std::vector<std::size_t> by_density(rows), parent(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    by_density[i] = parent[i] = i;
    const auto denser =
        std::find_if(near[i].begin(), near[i].end(), [&](const Similar& each) { return is_denser(each.row, i); });
    if (denser != near[i].end()) parent[i] = denser->row;
  }
  std::sort(by_density.begin(), by_density.end(), is_denser);
  clusters.labels.resize(rows);
  for (const std::size_t i : by_density)
    clusters.labels[i] = parent[i] == i ? clusters.count++ : clusters.labels[parent[i]];
  return clusters;
}

}  // namespace nudge::segments
