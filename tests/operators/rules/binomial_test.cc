// Tails of the binomial against sums of its terms.
#include <gtest/gtest.h>

#include <cmath>

#include "operators/rules/hypergeometric.h"

namespace nudge::rules {
namespace {

TEST(Binomial, TailsAreSumsOfTerms) {
  for (const double probability : {0.001, 0.2, 0.5, 0.93}) {
    for (const std::int64_t trials : {1, 2, 17, 60}) {
      long double below = 0;
      for (std::int64_t k = 0; k <= trials; ++k) {
        SCOPED_TRACE(testing::Message() << k << " of " << trials << " at " << probability);
        EXPECT_NEAR(log_binomial_at_least(k, trials, probability), std::log(1 - below), 1e-9 + 1e-12 / (1 - below));
        const auto log_term = std::lgamma(trials + 1.0L) - std::lgamma(k + 1.0L) - std::lgamma(trials - k + 1.0L) +
                              static_cast<long double>(k) * std::log(static_cast<long double>(probability)) +
                              static_cast<long double>(trials - k) * std::log1p(-static_cast<long double>(probability));
        below += std::exp(log_term);
        if (below >= 1 - 1e-9L) break;
        EXPECT_NEAR(log_binomial_at_most(k, trials, probability), static_cast<double>(std::log(below)), 1e-9);
      }
    }
  }
  EXPECT_EQ(log_binomial_at_least(0, 5, 0.5), 0);
  EXPECT_EQ(log_binomial_at_least(6, 5, 0.5), -INFINITY);
  EXPECT_EQ(log_binomial_at_least(1, 5, 0), -INFINITY);
}

}  // namespace
}  // namespace nudge::rules
