// ln Γ, digamma and trigamma against figures of 60 digits (mpmath), and against their recurrences.
#include "operators/rfm/gamma_log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace nudge::rfm {
namespace {

TEST(GammaLog, IsRight) {
  const struct {
    double x, value, first, second;
  } rows[] = {
      {0.001, 6.9071788853838537, -1000.5755719318103, 1000001.6425331959},
      {0.2426, 1.3197854750907922, -4.3583618532225144, 18.198210324240315},
      {1, 0, -0.57721566490153286, 1.6449340668482264},
      {2.5, 0.28468287047291916, 0.70315664064524319, 0.49035775610023486},
      {9.999, 12.799575780077412, 2.2516474172057353, 0.10517738667672887},
      {10, 12.80182748008147, 2.2517525890667211, 0.10516633568168575},
      {123.456, 469.60554712992947, 4.8118293238289854, 0.008132945834278198},
      {1e5, 1051287.7089736569, 11.512920464961895, 1.0000050000166667e-5},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.x);
    const GammaLog found = gamma_log(row.x);
    EXPECT_NEAR(found.value, row.value, 1e-14 + 1e-15 * std::abs(row.value));
    EXPECT_NEAR(found.first, row.first, 2e-15 + 4e-16 * std::abs(row.first));
    EXPECT_NEAR(found.second, row.second, 1e-15 + 4e-16 * std::abs(row.second));
  }
}

TEST(GammaLog, ObeysItsRecurrence) {
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const double x = std::exp(std::uniform_real_distribution(-7.0, 7.0)(random));
    const GammaLog at = gamma_log(x), next = gamma_log(x + 1);
    EXPECT_NEAR(next.value, at.value + std::log(x), 1e-14 * (1 + std::abs(next.value)));
    EXPECT_NEAR(next.first, at.first + 1 / x, 1e-15 * (4 + 1 / x));
    EXPECT_NEAR(next.second, at.second - 1 / (x * x), 1e-15 * (2 + 1 / (x * x)));
  }
}

}  // namespace
}  // namespace nudge::rfm
