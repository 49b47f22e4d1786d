#include "operators/segments/choice_of_k.h"

#include <algorithm>

#include "engine/hash.h"
#include "operators/segments/separation.h"

namespace nudge::segments {
namespace {

constexpr double kStabilitySlack = 0.1, kSeparationSlack = 1.1;
// Most steps of k-means bring next to nothing: seedings are compared before these, and only the best goes on to its
// end.
constexpr double kGainLeast = 1e-4;

}  // namespace

Candidate candidate_of(const WeightedPoints& points, std::size_t k, std::uint64_t seed) {
  Candidate candidate;
  std::vector<Clustering> found;
  for (int start = 0; start < kStarts; ++start) {
    Centres centres;
    seed_centres(points, k, mix(seed, static_cast<std::uint64_t>(start)), centres);
    found.push_back(lloyd(points, std::move(centres), kStepsMost, -1, kGainLeast));
  }
  double agreement = 0;
  int pairs = 0;
  std::size_t best = 0;
  for (std::size_t a = 0; a < found.size(); ++a) {
    if (found[a].inertia < found[best].inertia) best = a;
    for (std::size_t b = 0; b < a; ++b, ++pairs)
      agreement += adjusted_rand_index(found[a].labels, found[b].labels, points.weights);
  }
  candidate.stability = pairs == 0 ? 1 : agreement / pairs;
  candidate.clustering = lloyd(points, std::move(found[best].centres));
  candidate.davies_bouldin = davies_bouldin(points, candidate.clustering);
  return candidate;
}

Candidate choose(const WeightedPoints& points, std::size_t most, std::optional<std::size_t> current,
                 std::uint64_t seed) {
  std::vector<Candidate> candidates;
  for (std::size_t k = 2; k <= most; ++k) {
    Candidate candidate = candidate_of(points, k, seed);
    if (candidate.clustering.k() < k || !candidate.davies_bouldin) break;
    candidates.push_back(std::move(candidate));
  }
  if (candidates.empty()) return candidate_of(points, 1, seed);
  double stable = 0;
  for (const Candidate& each : candidates) stable = std::max(stable, each.stability);
  const auto is_stable = [&](const Candidate& each) { return each.stability >= stable - kStabilitySlack; };
  Candidate* best = nullptr;
  for (Candidate& each : candidates)
    if (is_stable(each) && (!best || *each.davies_bouldin < *best->davies_bouldin)) best = &each;
  for (Candidate& each : candidates)
    if (current == each.clustering.k() && is_stable(each) &&
        *each.davies_bouldin <= kSeparationSlack * *best->davies_bouldin)
      best = &each;
  return std::move(*best);
}

}  // namespace nudge::segments
