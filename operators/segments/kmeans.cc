#include "operators/segments/kmeans.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/check.h"
#include "engine/hash.h"
#include "operators/segments/feature_space.h"

namespace nudge::segments {
namespace {

// Numbers in [0, 1) from a seed.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}
  double next() { return unit_interval(state_ = mix(state_, 0xc1u)); }

 private:
  std::uint64_t state_;
};

// The place at which the running sum of `masses` passes `share` of their total.
std::size_t draw(const std::vector<double>& masses, double total, double share) {
  double left = share * total;
  std::size_t last = 0;
  for (std::size_t i = 0; i < masses.size(); ++i) {
    if (masses[i] <= 0) continue;
    last = i;
    left -= masses[i];
    if (left < 0) break;
  }
  return last;
}

// How far every point is from its nearest centre, squared and weighted.
class Coverage {
 public:
  explicit Coverage(const WeightedPoints& points)
      : points_(points), distances_(points.size(), std::numeric_limits<double>::infinity()), masses_(points.weights) {}

  void cover(std::span<const double> centre) {
    total_ = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      distances_[i] = std::min(distances_[i], squared_distance(points_.row(i), centre));
      total_ += masses_[i] = distances_[i] * points_.weights[i];
    }
  }
  double total_with(std::span<const double> centre) const {
    double total = 0;
    for (std::size_t i = 0; i < points_.size(); ++i)
      total += std::min(distances_[i], squared_distance(points_.row(i), centre)) * points_.weights[i];
    return total;
  }
  // Before the first centre all points count by their weights.
  double total() const { return total_; }
  const std::vector<double>& masses() const { return masses_; }

 private:
  const WeightedPoints& points_;
  std::vector<double> distances_, masses_;
  double total_ = 0;
};

constexpr int kCandidates = 4;

}  // namespace

void seed_centres(const WeightedPoints& points, std::size_t k, std::uint64_t seed, Centres& centres) {
  Draws draws(seed);
  Coverage coverage(points);
  centres.dimensions = points.dimensions;
  for (std::size_t i = 0; i < centres.size(); ++i) coverage.cover(centres.row(i));
  if (centres.size() == 0 && k > 0 && points.size() > 0) {
    double weight = 0;
    for (const double each : points.weights) weight += each;
    const std::size_t first = draw(points.weights, weight, draws.next());
    centres.push_back(points.row(first));
    coverage.cover(points.row(first));
  }
  while (centres.size() < k && coverage.total() > 0) {
    std::size_t best = points.size();
    double least = 0;
    for (int candidate = 0; candidate < kCandidates; ++candidate) {
      const std::size_t drawn = draw(coverage.masses(), coverage.total(), draws.next());
      const double total = coverage.total_with(points.row(drawn));
      if (best != points.size() && total >= least) continue;
      best = drawn;
      least = total;
    }
    centres.push_back(points.row(best));
    coverage.cover(points.row(best));
  }
}

Clustering lloyd(const WeightedPoints& points, Centres centres, int steps_max, double inertia_enough,
                 double gain_least) {
  NUDGE_CHECK(points.size() > 0 && centres.size() > 0, "something to cluster");
  const std::size_t k = centres.size(), dimensions = points.dimensions;
  Clustering result;
  result.labels.assign(points.size(), k);
  std::vector<double> sums, weights, distances(points.size());
  for (int step = 0; step <= steps_max; ++step) {
    bool changed = false;
    const double before = std::exchange(result.inertia, 0);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Nearest found = nearest(centres, points.row(i));
      distances[i] = found.squared_distance * points.weights[i];
      result.inertia += distances[i];
      changed = changed || found.place != result.labels[i];
      result.labels[i] = found.place;
    }
    const bool is_slow = gain_least > 0 && step > 0 && before - result.inertia <= gain_least * before;
    if (!changed || step == steps_max || result.inertia <= inertia_enough || is_slow) break;
    sums.assign(k * dimensions, 0);
    weights.assign(k, 0);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const std::span<const double> row = points.row(i);
      weights[result.labels[i]] += points.weights[i];
      for (std::size_t j = 0; j < dimensions; ++j)
        sums[result.labels[i] * dimensions + j] += points.weights[i] * row[j];
    }
    for (std::size_t c = 0; c < k; ++c) {
      if (weights[c] > 0) {
        for (std::size_t j = 0; j < dimensions; ++j) centres.row(c)[j] = sums[c * dimensions + j] / weights[c];
        continue;
      }
      const auto worst = std::max_element(distances.begin(), distances.end());
      std::ranges::copy(points.row(static_cast<std::size_t>(worst - distances.begin())), centres.row(c).begin());
      *worst = 0;
    }
  }
  result.centres = std::move(centres);
  return result;
}

Clustering best_of(const WeightedPoints& points, std::size_t k, int starts, std::uint64_t seed) {
  Clustering best;
  for (int start = 0; start < starts; ++start) {
    Centres centres;
    seed_centres(points, k, mix(seed, static_cast<std::uint64_t>(start)), centres);
    Clustering found = lloyd(points, std::move(centres));
    if (start == 0 || found.inertia < best.inertia) best = std::move(found);
  }
  return best;
}

}  // namespace nudge::segments
