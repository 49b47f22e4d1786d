// How many segments a population falls into: well parted (Davies–Bouldin) and found again from any start (mean adjusted
// Rand index between seedings; von Luxburg, Clustering stability, 2010). Davies–Bouldin alone picks too many.
#pragma once

#include <cstdint>
#include <optional>

#include "operators/segments/kmeans.h"

namespace nudge::segments {

inline constexpr int kStarts = 10;  // seedings of k-means, of which the best counts

struct Candidate {
  Clustering clustering;                 // the best
  double stability = 1;                  // 1: all seedings agree
  std::optional<double> davies_bouldin;  // nothing for one cluster
};
Candidate candidate_of(const WeightedPoints& points, std::size_t k, std::uint64_t seed);

// Of 2 … most. One that is as stable as the most stable but for a tenth, and of these the one with the least
// Davies–Bouldin index. `current` stays where it is stable so and not a tenth worse.
Candidate choose(const WeightedPoints& points, std::size_t most, std::optional<std::size_t> current,
                 std::uint64_t seed);

}  // namespace nudge::segments
