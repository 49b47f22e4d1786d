// Judgements against counting by hand, the threshold against every threshold there is.
#include "tools/nudge/evaluate/judgement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace nudge::evaluate {
namespace {

TEST(Confusion, BalancesBothClasses) {
  Confusion confusion;
  EXPECT_FALSE(confusion.balanced_accuracy());
  for (int i = 0; i < 8; ++i) confusion.add(false, i < 2);
  EXPECT_FALSE(confusion.balanced_accuracy());
  for (int i = 0; i < 4; ++i) confusion.add(true, i < 3);
  EXPECT_EQ(confusion.true_positives, 3u);
  EXPECT_EQ(confusion.false_negatives, 1u);
  EXPECT_EQ(confusion.false_positives, 2u);
  EXPECT_EQ(confusion.true_negatives, 6u);
  EXPECT_DOUBLE_EQ(*confusion.balanced_accuracy(), 0.75);
}

TEST(Judge, CountsAndBins) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<std::uint8_t> labels(300);
    std::vector<Prediction> predictions;
    for (std::uint32_t row = 0; row < labels.size(); ++row) {
      const auto micro = static_cast<std::int32_t>(1 + random() % (seed % 2 ? 20 : 999'998));
      labels[row] = random() % 2;
      predictions.push_back({row, micro, micro >= 500'000, random() % 2 == 0});
    }
    std::ranges::shuffle(predictions, random);
    const Judgement judgement = judge(predictions, labels);
    Confusion half;
    double predicted = 0, actual = 0;
    std::uint64_t binned = 0;
    for (const Prediction& each : predictions) {
      half.add(labels[each.row] != 0, each.at_half);
      predicted += each.probability_micro / 1e6;
      actual += labels[each.row];
    }
    EXPECT_EQ(judgement.at_half.true_positives, half.true_positives);
    EXPECT_EQ(judgement.at_half.false_positives, half.false_positives);
    EXPECT_EQ(judgement.quality.n, 300u);
    double last = -1;
    for (const CalibrationBin& bin : judgement.calibration) {
      binned += bin.n;
      predicted -= bin.predicted * static_cast<double>(bin.n);
      actual -= bin.actual * static_cast<double>(bin.n);
      EXPECT_GT(bin.predicted, last);
      last = bin.predicted;
    }
    EXPECT_EQ(binned, 300u);
    EXPECT_NEAR(predicted, 0, 1e-9);
    EXPECT_NEAR(actual, 0, 1e-9);
  }
}

double balanced_at(const std::vector<Scored>& rows, double threshold) {
  Confusion confusion;
  for (const Scored& row : rows) confusion.add(row.label, row.score >= threshold);
  return *confusion.balanced_accuracy();
}

TEST(CautiousThreshold, IsTheHighestThatIsNotSignificantlyWorse) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    std::vector<Scored> rows;
    for (int i = 0; i < 150; ++i) {
      const bool label = i < 2 || (i > 3 && random() % 4 == 0);
      const double score = normal(random) + (label ? 1 : 0) * (seed % 3);
      rows.push_back({seed % 2 ? score : std::round(score * 4) / 4, label});
    }
    const double threshold = cautious_threshold(rows);
    // By every threshold there is, from the highest down.
    std::vector<double> scores;
    for (const Scored& row : rows) scores.push_back(row.score);
    std::ranges::sort(scores, std::greater());
    double best = 0.5, best_at = 1e9;
    for (const double score : scores)
      if (balanced_at(rows, score) > best + 1e-12) {
        best = balanced_at(rows, score);
        best_at = score;
      }
    double expected = scores.front();
    for (const double score : scores) {
      if (best == 0.5) break;  // nothing is better than chance: as few as there can be
      double between[2] = {}, size[2] = {};
      for (const Scored& row : rows) {
        size[row.label] += 1;
        between[row.label] += row.score >= best_at ? 1 : 0;
        between[row.label] -= row.score >= score ? 1 : 0;
      }
      const double p = between[1] / size[1], n = between[0] / size[0];
      const double error = std::sqrt(p * (1 - p) / size[1] + n * (1 - n) / size[0]) / 2;
      expected = score;
      if (best - balanced_at(rows, score) <= 1.6448536269514722 * error) break;
    }
    EXPECT_EQ(balanced_at(rows, threshold), balanced_at(rows, expected));
    EXPECT_LE(threshold, expected);
  }
}

TEST(CautiousThreshold, TellsApartWhatCanBeTold) {
  std::vector<Scored> rows;
  for (int i = 0; i < 100; ++i) rows.push_back({i < 50 ? 1.0 + i : -1.0 - i, i < 50});
  EXPECT_GE(balanced_at(rows, cautious_threshold(rows)), 0.97);
  EXPECT_EQ(cautious_threshold({}), 0);
  EXPECT_EQ(cautious_threshold({{2.0, true}}), 2.0);
}

}  // namespace
}  // namespace nudge::evaluate
