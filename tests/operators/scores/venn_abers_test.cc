// Venn-Abers intervals against isotonic regression of each score among the rows, and against the truth of drawn labels.
#include "operators/scores/venn_abers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace nudge::scores {
namespace {

std::vector<CalibrationRow> rows_of(std::size_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> margin(-1, 1.5);
  std::uniform_real_distribution<double> uniform;
  std::vector<CalibrationRow> rows(n);
  for (CalibrationRow& row : rows) {
    row.margin = margin(random);
    row.label = uniform(random) < 1 / (1 + std::exp(-0.7 * row.margin));
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.margin < b.margin; });
  return rows;
}

// Isotonic regression at a place of the rows, where the score is put beside the row that is there: the greatest over
// beginnings up to it of the least mean over ends from it on.
double isotonic(const std::vector<CalibrationRow>& rows, std::size_t place, bool label) {
  double greatest = 0;
  for (std::size_t begin = 0; begin <= place; ++begin) {
    double least = 1, weight = 1, positives = label ? 1 : 0;
    for (std::size_t end = begin; end < rows.size(); ++end) {
      weight += rows[end].weight;
      positives += rows[end].label ? rows[end].weight : 0;
      if (end >= place) least = std::min(least, positives / weight);
    }
    greatest = std::max(greatest, least);
  }
  return greatest;
}

TEST(VennAbers, IsIsotonicRegressionWithTheScoreAmongTheRows) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<CalibrationRow> rows = rows_of(60, seed);  // so few that each is a cell
    for (std::size_t row = 0; row < rows.size(); ++row) rows[row].weight = 1 + 0.005 * static_cast<double>(row);
    const VennAbers bounds(rows);
    for (std::size_t place = 0; place < rows.size(); ++place) {
      const ProbabilityInterval interval = bounds.at(rows[place].margin);
      EXPECT_NEAR(interval.p0, isotonic(rows, place, false), 1e-12) << place;
      EXPECT_NEAR(interval.p1, isotonic(rows, place, true), 1e-12) << place;
    }
  }
}

TEST(VennAbers, RisesAndHoldsTheTruth) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    const VennAbers bounds(rows_of(20'000, seed));
    ProbabilityInterval before{.p0 = 0, .p1 = 0};
    for (double margin = -6; margin <= 6; margin += 0.01) {
      const ProbabilityInterval interval = bounds.at(margin);
      EXPECT_LT(interval.p0, interval.p1);
      EXPECT_GE(interval.p0, before.p0);
      EXPECT_GE(interval.p1, before.p1);
      before = interval;
      if (std::abs(margin + 1) > 2) continue;
      const double truth = 1 / (1 + std::exp(-0.7 * margin));
      EXPECT_NEAR(interval.p1 / (1 - interval.p0 + interval.p1), truth, 0.08) << margin;
    }
  }
}

TEST(VennAbers, FewRowsSayLittle) {
  const VennAbers nothing;
  EXPECT_EQ(nothing.at(0).p0, 0);
  EXPECT_EQ(nothing.at(0).p1, 1);
  const std::vector<CalibrationRow> one = {{0, 1, true}};
  EXPECT_EQ(VennAbers(one).at(3).p0, 0.5);
  EXPECT_EQ(VennAbers(one).at(3).p1, 1);
}

TEST(VennAbers, BytesRoundTrip) {
  const VennAbers bounds(rows_of(3'000, 5));
  std::string bytes;
  Encoder out(bytes);
  bounds.encode(out);
  VennAbers again;
  Decoder in(bytes);
  again.decode(in);
  ASSERT_TRUE(in.ok() && in.at_end());
  for (double margin = -5; margin <= 5; margin += 0.05) {
    EXPECT_EQ(again.at(margin).p0, bounds.at(margin).p0);
    EXPECT_EQ(again.at(margin).p1, bounds.at(margin).p1);
  }
}

}  // namespace
}  // namespace nudge::scores
