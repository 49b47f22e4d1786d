// Basis and ScoringModel: the tables that tasks score with are the linear model that was learnt.
#include "operators/scores/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace nudge::scores {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

// A heavy-tailed number with gaps, a count, a text with gaps, a constant, and one that nobody knows.
const std::vector<bool> kTexts = {false, false, true, false, false};
std::vector<float> random_row(std::mt19937& random) {
  std::exponential_distribution<float> amount(0.01f);
  return {random() % 4 == 0 ? kUnknown : amount(random), static_cast<float>(random() % 6),
          random() % 3 == 0 ? kUnknown : static_cast<float>(random() % 3), 7.0f, kUnknown};
}
std::vector<float> random_rows(unsigned seed, std::size_t n) {
  std::mt19937 random(seed);
  std::vector<float> rows;
  for (std::size_t i = 0; i < n; ++i) {
    const std::vector<float> row = random_row(random);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

TEST(Features, PackRoundTrips) {
  const std::vector<float> values = {0, 1, 253, 254, -1, 0.5f, 1e30f, kUnknown, -0.0f, 3e-20f};
  std::string bytes;
  pack(values, bytes);
  std::vector<float> again(values.size());
  ASSERT_TRUE(unpack(bytes, again));
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_TRUE(values[i] == again[i] || (std::isnan(values[i]) && std::isnan(again[i]))) << i;
  std::vector<float> longer(values.size() + 1), shorter(values.size() - 1);
  EXPECT_FALSE(unpack(bytes, longer));
  EXPECT_FALSE(unpack(bytes, shorter));
}

TEST(Basis, HatsAddUpToOneAndReproduceALine) {
  const std::vector<float> rows = random_rows(1, 5'000);
  const Basis basis(rows, kTexts);
  const FeatureBasis& amount = basis.feature(0);
  ASSERT_GT(amount.knots.size(), 10u);
  for (float value = amount.knots.front(); value < amount.knots.back(); value += 0.37f) {
    std::vector<Term> terms;
    basis.terms(std::vector<float>{value, kUnknown, kUnknown, kUnknown, kUnknown}, terms);
    double hats = 0, line = 0;
    for (const Term& term : terms) {
      if (term.index < amount.hat(0) || term.index >= amount.hat(amount.knots.size())) continue;
      hats += term.value;
      line += term.value * amount.knots[term.index - amount.hat(0)];
    }
    EXPECT_NEAR(hats, 1, 1e-6);
    EXPECT_NEAR(line, value, 1e-3);
  }
}

TEST(Basis, EveryValueOfASmallCountIsAKnot) {
  const Basis basis(random_rows(2, 1'000), kTexts);
  EXPECT_EQ(basis.feature(1).knots, (std::vector<float>{0, 1, 2, 3, 4, 5}));
}

TEST(Basis, WhatIsTheSameInAllRowsIsNoInput) {
  const Basis basis(random_rows(2, 1'000), kTexts);
  std::vector<Term> terms;
  basis.terms(std::vector<float>{kUnknown, 2, kUnknown, 7, kUnknown}, terms);
  for (const Term& term : terms) EXPECT_LT(term.index, basis.feature(3).first);
}

TEST(Basis, EncodesWhatItIs) {
  const Basis basis(random_rows(3, 2'000), kTexts);
  std::string bytes, again;
  Encoder out(bytes), out_again(again);
  basis.encode(out);
  Basis decoded;
  Decoder in(bytes);
  decoded.decode(in);
  ASSERT_TRUE(in.ok() && in.at_end());
  decoded.encode(out_again);
  EXPECT_EQ(bytes, again);
  EXPECT_EQ(decoded.inputs(), basis.inputs());
}

class Learnt {
 public:
  explicit Learnt(unsigned seed)
      : rows(random_rows(seed, 3'000)), basis(rows, kTexts), weights(basis.inputs(), {.alpha = 0.3}) {
    std::mt19937 random(seed);
    std::vector<Term> terms;
    means.assign(basis.inputs(), 0);
    for (std::size_t at = 0; at < rows.size(); at += 5) {
      basis.terms(std::span(rows).subspan(at, 5), terms);
      weights.learn(terms, weights.margin(terms), random() % 3 == 0 || rows[at + 1] > 3, 1);
      for (const Term& term : terms) means[term.index] += term.value / 3'000;
    }
  }
  ScoringModel model() const {
    return {1,
            0,
            basis,
            weights.weights(),
            means,
            {.calibration = {.a = 0.9, .b = 1.1, .c = 0.1}, .bounds = {}},
            ScoreHistogram()};
  }

  std::vector<float> rows;
  Basis basis;
  Ftrl weights;
  std::vector<float> means;
};

TEST(ScoringModel, ItsTablesAreTheLinearModel) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    const Learnt learnt(seed);
    const ScoringModel model = learnt.model();
    std::mt19937 random(seed + 100);
    std::vector<double> contributions(5);
    std::vector<Term> terms;
    for (int i = 0; i < 500; ++i) {
      std::vector<float> row = random_row(random);
      if (i % 50 == 0) row[0] = 1e9f;  // beyond all that was seen
      if (i % 50 == 1) row[0] = -1e9f;
      learnt.basis.terms(row, terms);
      EXPECT_NEAR(model.margin(row, contributions), learnt.weights.margin(terms), 1e-4);
    }
  }
}

TEST(ScoringModel, ContributionsAddUpAndAreZeroOnAverage) {
  const Learnt learnt(7);
  const ScoringModel model = learnt.model();
  std::vector<double> contributions(5), sums(5);
  double intercept = 0;
  for (std::size_t at = 0; at < learnt.rows.size(); at += 5) {
    const double margin = model.margin(std::span(learnt.rows).subspan(at, 5), contributions);
    const double sum = std::accumulate(contributions.begin(), contributions.end(), 0.0);
    if (at == 0) intercept = margin - sum;
    EXPECT_NEAR(margin - sum, intercept, 1e-9);
    for (std::size_t feature = 0; feature < 5; ++feature) sums[feature] += contributions[feature] / 3'000;
  }
  for (std::size_t feature = 0; feature < 5; ++feature) EXPECT_NEAR(sums[feature], 0, 1e-4) << feature;
}

TEST(ScoringModel, DecodesToTheSameScores) {
  const Learnt learnt(3);
  const ScoringModel model = learnt.model();
  std::string bytes;
  Encoder out(bytes);
  model.encode(out);
  const auto again = ScoringModel::decode(bytes);
  ASSERT_TRUE(again.has_value());
  std::vector<double> left(5), right(5);
  for (std::size_t at = 0; at < 500; at += 5) {
    const auto row = std::span(learnt.rows).subspan(at, 5);
    EXPECT_EQ(model.calibrated(model.margin(row, left)), again->calibrated(again->margin(row, right)));
    EXPECT_EQ(left, right);
  }
  EXPECT_FALSE(ScoringModel::decode(std::string_view(bytes).substr(0, bytes.size() - 1)).has_value());
  EXPECT_FALSE(ScoringModel::decode(bytes + "x").has_value());
}

TEST(ProbabilityMicro, LiesOnTheGridAndIsNeverCertain) {
  EXPECT_EQ(probability_micro(0), 500'000);
  EXPECT_EQ(probability_micro(-50), 1);
  EXPECT_EQ(probability_micro(50), 999'999);
  EXPECT_EQ(probability_micro(std::log(0.15 / 0.85)), 150'000);
}

TEST(PercentileTable, CountsTheBinItselfHalf) {
  ScoreHistogram histogram;
  for (int i = 0; i < 3; ++i) histogram.add(-2);
  histogram.add(0);
  const PercentileTable table(histogram);
  EXPECT_EQ(table.centi(-3), 0);
  EXPECT_EQ(table.centi(-2), 3'750);
  EXPECT_EQ(table.centi(-1), 7'500);
  EXPECT_EQ(table.centi(0), 8'750);
  EXPECT_EQ(table.centi(13), 10'000);
}

}  // namespace
}  // namespace nudge::scores
