// Similar customers against a plain scan in doubles, and what odd questions give.
#include "operators/segments/similar_customers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace nudge::segments {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Column kColumns[] = {{"a"}, {"b"}, {"c"}};

std::vector<Feature> features() {
  return {{{0, &kColumns[0]}, Transform::kLog1p, 1}, {{0, &kColumns[1]}, Transform::kNone, 4}, {{0, &kColumns[2]}}};
}

TEST(SimilarCustomers, AreTheNearestUnderTheWeightsOfTheQuestion) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    SimilarCustomers customers(features());
    std::vector<std::vector<double>> values;
    for (int i = 0; i < 200; ++i) {
      values.push_back({static_cast<double>(random() % 1'000), random() % 9 == 0 ? kNaN : random() / 1e9 - 2, 1.0});
      customers.add("c" + std::to_string(i), values.back());
    }
    std::vector<double> mean(3), sd(3), n(3);
    const auto y = [&](std::size_t i, std::size_t j) { return j == 0 ? std::log(1 + values[i][j]) : values[i][j]; };
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i][j] == values[i][j]) mean[j] += y(i, j), ++n[j];
      mean[j] /= n[j];
      for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i][j] == values[i][j]) sd[j] += (y(i, j) - mean[j]) * (y(i, j) - mean[j]);
      sd[j] = sd[j] > 1e-9 ? std::sqrt(sd[j] / n[j]) : 1;
    }
    const auto z = [&](std::size_t i, std::size_t j) {
      return values[i][j] == values[i][j] ? (y(i, j) - mean[j]) / sd[j] : 0;
    };
    const std::vector<double> weights = {1.0 + random() % 3, 0.5 * (random() % 4), 1};
    const std::size_t asked = random() % values.size();
    std::vector<double> distances;
    for (std::size_t i = 0; i < values.size(); ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < 3; ++j) sum += weights[j] * std::pow(z(i, j) - z(asked, j), 2);
      if (i != asked) distances.push_back(std::sqrt(sum));
    }
    std::sort(distances.begin(), distances.end());
    const std::string id = "c" + std::to_string(asked);
    const auto found = customers.find(*customers.values_of(id), weights, 10, id);
    ASSERT_EQ(found.size(), 10u);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i].distance, distances[i], 1e-4);
      EXPECT_NE(found[i].id, id);
      double parts = 0;
      for (const SimilarCustomer::Part& part : found[i].parts) parts += part.squared;
      EXPECT_NEAR(std::sqrt(parts), found[i].distance, 1e-4);
    }
  }
}

TEST(SimilarCustomers, OddQuestions) {
  SimilarCustomers customers(features());
  const std::vector<double> weights = {1, 1, 1}, unknown = {kNaN, kNaN, kNaN};
  EXPECT_TRUE(customers.find(unknown, weights, 3).empty());
  customers.add("one", unknown);
  EXPECT_FALSE(customers.values_of("two"));
  EXPECT_TRUE(customers.find(unknown, weights, 3, "one").empty());
  const auto found = customers.find(unknown, weights, 3);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].distance, 0);
  customers.add("two", std::vector<double>{5, 5, 5});  // after a question
  EXPECT_EQ(customers.find(unknown, weights, 3).size(), 2u);
}

}  // namespace
}  // namespace nudge::segments
