// The calibration undoes known distortions, rises strictly, and follows its prior where there is little to see.
#include "operators/scores/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace nudge::scores {
namespace {

// Rows whose truth has log-odds `truth(m)` where the model says m.
template <typename Truth>
std::vector<CalibrationRow> rows_of(std::size_t n, unsigned seed, Truth truth) {
  std::mt19937 random(seed);
  std::normal_distribution<double> margin(-1.5, 1.5);
  std::uniform_real_distribution<double> uniform;
  std::vector<CalibrationRow> rows(n);
  for (CalibrationRow& row : rows) {
    row.margin = margin(random);
    row.label = uniform(random) < 1 / (1 + std::exp(-truth(row.margin)));
  }
  return rows;
}

TEST(Calibration, RecoversADistortion) {
  const struct {
    const char* name;
    double slope, shift;
  } rows[] = {{"none", 1, 0}, {"overconfident", 0.5, 0}, {"timid", 2, 0.3}, {"shifted", 1, -1.2}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto truth = [&](double m) { return row.slope * m + row.shift; };
    const Calibration found = fit_calibration(rows_of(60'000, 3, truth), 4);
    for (const double m : {-4.0, -2.0, -1.0, 0.0, 1.0}) EXPECT_NEAR(found.apply(m), truth(m), 0.15) << m;
  }
}

TEST(Calibration, BendsDifferentlyBelowAndAbove) {
  // Beta-shaped: steep where the model is sure of no, flat where it is sure of yes.
  const Calibration truth{.a = 1.5, .b = 0.4, .c = 0.2};
  const Calibration found = fit_calibration(rows_of(100'000, 4, [&](double m) { return truth.apply(m); }), 4);
  EXPECT_NEAR(found.a, truth.a, 0.1);
  EXPECT_NEAR(found.b, truth.b, 0.15);
  EXPECT_NEAR(found.c, truth.c, 0.15);
}

TEST(Calibration, TheMeanIsRightOnTheRowsThatItSaw) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const auto rows = rows_of(5'000, seed, [](double m) { return 0.6 * m - std::abs(m); });
    const Calibration found = fit_calibration(rows, 1);
    double predicted = 0, actual = 0;
    for (const CalibrationRow& row : rows) {
      predicted += 1 / (1 + std::exp(-found.apply(row.margin)));
      actual += row.label;
    }
    EXPECT_NEAR(predicted / actual, 1, 1e-3);
  }
}

TEST(Calibration, RisesStrictlyEvenWhereTheModelIsUpsideDown) {
  const Calibration found = fit_calibration(rows_of(20'000, 9, [](double m) { return -m; }), 1);
  EXPECT_GT(found.a, 0);
  EXPECT_GT(found.b, 0);
  double last = found.apply(-20);
  for (double m = -19.5; m <= 20; m += 0.5) {
    EXPECT_GT(found.apply(m), last);
    last = found.apply(m);
  }
}

TEST(Calibration, IsTheIdentityWithoutRowsAndNearItWithFew) {
  EXPECT_EQ(fit_calibration({}, 4), Calibration());
  const std::vector<CalibrationRow> rows = {{.margin = 0.1, .label = true}, {.margin = -0.1, .label = false}};
  EXPECT_NEAR(fit_calibration(rows, 4).apply(1), 1, 0.3);
}

TEST(Calibration, AWeightCountsAsThatManyRows) {
  auto rows = rows_of(500, 6, [](double m) { return 0.7 * m; });
  std::vector<CalibrationRow> repeated;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].weight = 1 + static_cast<double>(i % 3);
    for (std::size_t n = 0; n <= i % 3; ++n) repeated.push_back({.margin = rows[i].margin, .label = rows[i].label});
  }
  const Calibration weighted = fit_calibration(rows, 4), counted = fit_calibration(repeated, 4);
  EXPECT_NEAR(weighted.a, counted.a, 1e-4);
  EXPECT_NEAR(weighted.b, counted.b, 1e-4);
  EXPECT_NEAR(weighted.c, counted.c, 1e-4);
}

}  // namespace
}  // namespace nudge::scores
