// The scan against a plain sort of all distances, on random rows that come, change and go.
#include "operators/segments/similarity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace nudge::segments {
namespace {

using Row = std::vector<float>;

float distance_of(const Row& a, const Row& b, const Row& weights) {
  float sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += weights[j] * ((a[j] - b[j]) * (a[j] - b[j]));
  return sum;
}

TEST(SimilarityTable, FindsTheNearestExactly) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t features = 1 + random() % 33;
    const auto draw = [&](unsigned steps) {  // few different values, so that many rows are equally near
      Row row;
      for (std::size_t j = 0; j < features; ++j) row.push_back(static_cast<float>(random() % steps) / 4 - 1);
      return row;
    };
    SimilarityTable table(features);
    std::map<std::size_t, Row> rows;
    for (int change = 0; change < 400; ++change) {
      const std::size_t row = random() % 150;
      if (random() % 4 == 0 && rows.contains(row)) {
        table.remove(row);
        rows.erase(row);
      } else {
        rows[row] = draw(5);
        table.set(row, rows[row]);
      }
    }
    for (int query = 0; query < 10; ++query) {
      const Row point = draw(9), weights = [&] {
        Row weights = draw(6);
        for (float& weight : weights) weight += 1;  // some are 0
        return weights;
      }();
      std::vector<Similar> expected;
      for (const auto& [row, values] : rows) expected.push_back({row, distance_of(values, point, weights)});
      std::stable_sort(expected.begin(), expected.end(),
                       [](const Similar& a, const Similar& b) { return a.squared_distance < b.squared_distance; });
      const std::size_t most = random() % 20;
      expected.resize(std::min(most, expected.size()));
      EXPECT_EQ(table.nearest(point, weights, most), expected);
      for (const Similar& each : expected) {
        double sum = 0;
        for (const double part : table.contributions(each.row, point, weights)) sum += part;
        EXPECT_NEAR(sum, each.squared_distance, 1e-3);
      }
    }
  }
}

}  // namespace
}  // namespace nudge::segments
