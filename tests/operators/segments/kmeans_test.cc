// k-means against the best of all partitions of small sets, and against what Lloyd's steps promise.
#include "operators/segments/kmeans.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "operators/segments/choice_of_k.h"
#include "operators/segments/feature_space.h"
#include "operators/segments/separation.h"

namespace nudge::segments {
namespace {

WeightedPoints random_points(std::mt19937& random, std::size_t n, std::size_t dimensions) {
  WeightedPoints points;
  points.dimensions = dimensions;
  std::normal_distribution<double> draw;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < dimensions; ++j) points.values.push_back(draw(random));
    points.weights.push_back(1 + random() % 5);
    points.spreads.push_back(0);
  }
  return points;
}

double inertia_of(const WeightedPoints& points, const std::vector<std::size_t>& labels, std::size_t k) {
  double inertia = 0;
  for (std::size_t c = 0; c < k; ++c) {
    std::vector<double> mean(points.dimensions);
    double weight = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (labels[i] != c) continue;
      weight += points.weights[i];
      for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += points.weights[i] * points.row(i)[j];
    }
    for (double& each : mean) each /= weight > 0 ? weight : 1;
    for (std::size_t i = 0; i < points.size(); ++i)
      if (labels[i] == c) inertia += points.weights[i] * squared_distance(points.row(i), mean);
  }
  return inertia;
}

double least_inertia(const WeightedPoints& points, std::size_t k) {
  std::vector<std::size_t> labels(points.size());
  double least = inertia_of(points, labels, k);
  for (;;) {
    std::size_t i = 0;
    while (i < labels.size() && ++labels[i] == k) labels[i++] = 0;
    if (i == labels.size()) return least;
    least = std::min(least, inertia_of(points, labels, k));
  }
}

// Lloyd's steps may end in a worse place than the best, whatever the start; seldom, and not much worse.
TEST(KMeans, NearlyAlwaysFindsTheBestPartitionOfSmallSets) {
  int missed = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t k = 2 + random() % 2;
    const WeightedPoints points = random_points(random, 4 + random() % 5, 1 + random() % 3);
    const Clustering found = best_of(points, k, kStarts, seed);
    const double least = least_inertia(points, k);
    EXPECT_GE(found.inertia, least - 1e-9);
    EXPECT_LE(found.inertia, 1.25 * least + 1e-9);
    missed += found.inertia > least + 1e-9;
    EXPECT_NEAR(found.inertia, inertia_of(points, found.labels, k), 1e-9);
  }
  EXPECT_LE(missed, 3);
}

TEST(KMeans, StepsNeverMakeItWorseAndEndAtTheNearest) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const WeightedPoints points = random_points(random, 300, 4);
    Centres start;
    seed_centres(points, 6, seed, start);
    ASSERT_EQ(start.size(), 6u);
    double before = lloyd(points, start, 0).inertia;
    for (int steps = 1; steps < 12; ++steps) {
      const double after = lloyd(points, start, steps).inertia;
      EXPECT_LE(after, before * (1 + 1e-12));
      before = after;
    }
    const Clustering end = lloyd(points, start);
    for (std::size_t i = 0; i < points.size(); ++i) EXPECT_EQ(end.labels[i], nearest(end.centres, points.row(i)).place);
    EXPECT_EQ(best_of(points, 6, 3, seed).centres, best_of(points, 6, 3, seed).centres);
  }
}

TEST(KMeans, FewerDifferentPointsThanClustersGiveFewerClusters) {
  const WeightedPoints points{2, {1, 2, 3, 4, 1, 2}, {1, 2, 3}, {0, 0, 0}};
  EXPECT_EQ(best_of(points, 5, kStarts, 1).k(), 2u);
  const WeightedPoints one{1, {7}, {1}, {0}};
  EXPECT_EQ(best_of(one, 3, kStarts, 1).k(), 1u);
  EXPECT_EQ(choose(one, 4, {}, 1).clustering.k(), 1u);
}

TEST(ChoiceOfK, FindsTheClustersThatWerePlanted) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t planted = 2 + seed % 5;
    std::normal_distribution<double> draw(0, 0.3);
    WeightedPoints points;
    points.dimensions = 2;
    for (std::size_t i = 0; i < 60 * planted; ++i) {
      const double angle = 6.283185307 * static_cast<double>(i % planted) / static_cast<double>(planted);
      points.values.push_back(4 * std::cos(angle) + draw(random));
      points.values.push_back(4 * std::sin(angle) + draw(random));
      points.weights.push_back(1);
      points.spreads.push_back(0);
    }
    EXPECT_EQ(choose(points, 8, {}, seed).clustering.k(), planted);
  }
}

TEST(Separation, HandWorked) {
  // Two pairs on a line: means 1 and 11, each a distance of 1 from both its members.
  const WeightedPoints points{1, {0, 2, 10, 12}, {1, 1, 1, 1}, {0, 0, 0, 0}};
  EXPECT_DOUBLE_EQ(davies_bouldin(points, best_of(points, 2, kStarts, 1)).value(), 0.2);
  EXPECT_FALSE(davies_bouldin(points, best_of(points, 1, kStarts, 1)).has_value());
  const std::vector<std::size_t> a = {0, 0, 1, 1}, b = {1, 1, 0, 0}, c = {0, 1, 0, 1}, d = {0, 0, 1, 2};
  const std::vector<double> weights(4, 1);
  EXPECT_DOUBLE_EQ(adjusted_rand_index(a, b, weights), 1);
  EXPECT_DOUBLE_EQ(adjusted_rand_index(a, c, weights), -0.5);
  EXPECT_NEAR(adjusted_rand_index(a, d, weights), 0.5714285714285714, 1e-12);  // as scikit-learn says
}

}  // namespace
}  // namespace nudge::segments
