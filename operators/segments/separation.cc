#include "operators/segments/separation.h"

#include <algorithm>
#include <cmath>

#include "operators/segments/feature_space.h"

namespace nudge::segments {

std::optional<double> davies_bouldin(const Centres& means, std::span<const double> scatter) {
  double sum = 0;
  int clusters = 0;
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (scatter[i] < 0) continue;
    ++clusters;
    double worst = 0;
    for (std::size_t j = 0; j < means.size(); ++j) {
      if (j == i || scatter[j] < 0) continue;
      const double apart = std::sqrt(squared_distance(means.row(i), means.row(j)));
      if (apart > 0) worst = std::max(worst, (scatter[i] + scatter[j]) / apart);
    }
    sum += worst;
  }
  if (clusters < 2) return std::nullopt;
  return sum / clusters;
}

std::optional<double> davies_bouldin(const WeightedPoints& points, const Clustering& clustering) {
  std::vector<double> scatter(clustering.k()), weights(clustering.k());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t label = clustering.labels[i];
    const double squared = squared_distance(points.row(i), clustering.centres.row(label)) + points.spreads[i];
    scatter[label] += points.weights[i] * std::sqrt(squared);
    weights[label] += points.weights[i];
  }
  for (std::size_t i = 0; i < scatter.size(); ++i) scatter[i] = weights[i] > 0 ? scatter[i] / weights[i] : -1;
  return davies_bouldin(clustering.centres, scatter);
}

double adjusted_rand_index(std::span<const std::size_t> a, std::span<const std::size_t> b,
                           std::span<const double> weights) {
  if (a.empty()) return 1;
  const std::size_t rows = *std::max_element(a.begin(), a.end()) + 1;
  const std::size_t columns = *std::max_element(b.begin(), b.end()) + 1;
  std::vector<double> table(rows * columns), row_sums(rows), column_sums(columns);
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    table[a[i] * columns + b[i]] += weights[i];
    row_sums[a[i]] += weights[i];
    column_sums[b[i]] += weights[i];
    total += weights[i];
  }
  const auto pairs = [](std::span<const double> sums) {
    double pairs = 0;
    for (const double n : sums) pairs += n * (n - 1) / 2;
    return pairs;
  };
  const double all = total * (total - 1) / 2;
  if (all <= 0) return 1;
  const double both = pairs(table), left = pairs(row_sums), right = pairs(column_sums);
  const double expected = left * right / all, most = (left + right) / 2;
  return most == expected ? 1 : (both - expected) / (most - expected);
}

}  // namespace nudge::segments
