// Corrections over a family, by the words of their definitions.
#include "operators/rules/false_discoveries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace nudge::rules {
namespace {

TEST(FalseDiscoveries, QValuesAreTheLeastLevelAtWhichEachWouldBeFound) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<double> log_p(random() % 30);
    for (double& each : log_p) each = std::log((1 + random() % 20) / 20.0);
    const std::vector<double> log_q = log_q_values(log_p, log_p.size());
    for (std::size_t i = 0; i < log_p.size(); ++i) {
      // The least, over levels t ≥ p, of the expected false ones over those found.
      double least = 1;
      for (const double t : log_p)
        if (t >= log_p[i])
          least = std::min(least, std::exp(t) * static_cast<double>(log_p.size()) /
                                      static_cast<double>(
                                          std::count_if(log_p.begin(), log_p.end(), [t](double p) { return p <= t; })));
      EXPECT_NEAR(std::exp(log_q[i]), least, 1e-12);
    }
    // Those that are known are not found more easily because others were left out.
    std::sort(log_p.begin(), log_p.end());
    const std::vector<double> all = log_q_values(log_p, log_p.size());
    const std::vector<double> first = log_q_values(std::span(log_p).first(log_p.size() / 2), log_p.size());
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_GE(first[i], all[i]);
  }
}

TEST(FalseDiscoveries, EValuesHoldWhereEnoughOfThemAreGreatEnough) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<double> log_e(random() % 20);
    for (double& each : log_e) each = static_cast<double>(random() % 100) / 10 - 2;
    const double fdr = 0.2;
    std::size_t most = 0;
    for (std::size_t k = 1; k <= log_e.size(); ++k) {
      const double least = std::log(static_cast<double>(log_e.size()) / (fdr * static_cast<double>(k)));
      if (static_cast<std::size_t>(
              std::count_if(log_e.begin(), log_e.end(), [least](double e) { return e >= least; })) >= k)
        most = k;
    }
    const std::vector<bool> held = held_by_e_values(log_e, fdr);
    const double bar =
        most == 0 ? INFINITY : std::log(static_cast<double>(log_e.size()) / (fdr * static_cast<double>(most)));
    for (std::size_t i = 0; i < log_e.size(); ++i) EXPECT_EQ(held[i], log_e[i] >= bar);
  }
}

}  // namespace
}  // namespace nudge::rules
