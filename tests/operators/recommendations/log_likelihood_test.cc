#include "operators/recommendations/log_likelihood.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace nudge::recommendations {
namespace {

// 2 Σ observed · ln(observed / expected)
double defined(double both, double first, double second, double all) {
  const double cells[] = {both, first - both, second - both, all - first - second + both};
  const double rows[] = {first, first, all - first, all - first},
               columns[] = {second, all - second, second, all - second};
  double sum = 0;
  for (int i = 0; i < 4; ++i)
    if (cells[i] > 0) sum += cells[i] * std::log(cells[i] * all / (rows[i] * columns[i]));
  return 2 * sum;
}

TEST(LogLikelihoodRatio, IsWhatItIsDefinedToBe) {
  std::mt19937 random(1);
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t all = 1 + random() % 5000, first = random() % (all + 1), second = random() % (all + 1);
    const std::int64_t least = std::max<std::int64_t>(0, first + second - all), most = std::min(first, second);
    const std::int64_t both = least + static_cast<std::int64_t>(random() % static_cast<unsigned>(most - least + 1));
    const double wanted = both * all > first * second ? defined(static_cast<double>(both), static_cast<double>(first),
                                                                static_cast<double>(second), static_cast<double>(all))
                                                      : 0;
    EXPECT_NEAR(log_likelihood_ratio(both, first, second, all), wanted, 1e-7 * (1 + wanted))
        << both << ' ' << first << ' ' << second << ' ' << all;
  }
}

TEST(LogLikelihoodRatio, WhatComesTogetherByChanceOrLessIsNoSign) {
  EXPECT_EQ(log_likelihood_ratio(10, 100, 100, 1000), 0);
  EXPECT_EQ(log_likelihood_ratio(0, 100, 100, 1000), 0);
  EXPECT_GT(log_likelihood_ratio(30, 100, 100, 1000), kOnceInThousand);
}

}  // namespace
}  // namespace nudge::recommendations
