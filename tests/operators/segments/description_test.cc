// What sets a segment apart: contributions add up to the margin of its members over everybody's, by brute force.
#include "operators/segments/description.h"

#include <gtest/gtest.h>

#include <random>

#include "operators/segments/kmeans.h"

namespace nudge::segments {
namespace {

constexpr Column kColumns[] = {
    {"orders", ValueType::kInteger, "count", "orders"},
    {"recency_days", ValueType::kReal, "days", "days since the last order"},
    {"interval_mean_days", ValueType::kReal, "days", "mean days between orders"},
    {"discount_share", ValueType::kReal, "share", "share of the list value given as discount"},
};

std::vector<Feature> features() {
  std::vector<Feature> features;
  for (const Column& column : kColumns) features.push_back({{0, &column}, Transform::kNone, 1});
  return features;
}

TEST(Description, ContributionsAddUpToTheMargin) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::normal_distribution<double> draw;
    WeightedPoints points{4, {}, {}, {}};
    for (int i = 0; i < 120; ++i) {
      for (int j = 0; j < 4; ++j) points.values.push_back(draw(random));
      points.weights.push_back(1);
      points.spreads.push_back(0);
    }
    const Clustering clustering = best_of(points, 3, 2, seed);
    std::vector<std::int64_t> sizes(3);
    for (const std::size_t label : clustering.labels) ++sizes[label];
    const auto descriptions = describe(features(), std::vector<Scaling>(4), clustering.centres, sizes);
    for (std::size_t segment = 0; segment < 3; ++segment) {
      std::vector<double> others(4);
      double n = 0;
      for (std::size_t i = 0; i < points.size(); ++i) {
        if (clustering.labels[i] == segment) continue;
        ++n;
        for (std::size_t j = 0; j < 4; ++j) others[j] += points.row(i)[j];
      }
      for (double& each : others) each /= n;
      double within = 0, everywhere = 0;
      for (std::size_t i = 0; i < points.size(); ++i) {
        const double margin =
            squared_distance(points.row(i), others) - squared_distance(points.row(i), clustering.centres.row(segment));
        everywhere += margin / static_cast<double>(points.size());
        if (clustering.labels[i] == segment) within += margin / static_cast<double>(sizes[segment]);
      }
      double sum = 0;
      for (const Distinction& each : descriptions[segment].distinctions) sum += each.contribution;
      EXPECT_NEAR(sum, within - everywhere, 1e-9);
    }
    double influence = 0;
    for (const double share : influences(clustering.centres, sizes)) influence += share;
    EXPECT_NEAR(influence, 1, 1e-12);
  }
}

TEST(Description, NamesAreWordsAndDiffer) {
  Centres centres{4, {2, -1, -.5, 0, -.6, .2, 1, .1, -.6, .2, 1, .1, 0, 0, 0, 0}};
  const auto descriptions = describe(features(), std::vector<Scaling>(4), centres, {10, 5, 5, 1});
  EXPECT_EQ(descriptions[0].name, "very many orders, few days between orders");
  EXPECT_EQ(descriptions[1].name, "few orders, many days between orders");
  EXPECT_EQ(descriptions[2].name, "few orders, many days between orders (3)");
  EXPECT_EQ(descriptions[3].name, "as most");
}

}  // namespace
}  // namespace nudge::segments
