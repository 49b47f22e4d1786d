// Refits choose their penalty by rows left out, judge each row by weights that did not see its fold, and come early
// where errors have risen.
#include "operators/scores/refit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "operators/scores/learner.h"

namespace nudge::scores {
namespace {

struct Sample {
  std::vector<float> values;
  std::vector<RefitRow> rows;

  // One feature tells the label with this strength; the others tell nothing.
  Sample(std::size_t size, std::size_t features, double strength, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<double> uniform;
    for (std::size_t row = 0; row < size; ++row) {
      for (std::size_t feature = 0; feature < features; ++feature) values.push_back(normal(random));
      const double margin = -1 + strength * static_cast<double>(values[row * features]);
      const bool label = uniform(random) < 1 / (1 + std::exp(-margin));
      rows.push_back({static_cast<std::uint8_t>(random() % kRefitFolds), label, 1});
    }
  }
};

double loss(const Sample& sample, const Refit& refit) {
  double sum = 0;
  for (std::size_t row = 0; row < sample.rows.size(); ++row)
    sum += std::log1p(std::exp(sample.rows[row].label ? -refit.margins[row] : refit.margins[row]));
  return sum / static_cast<double>(sample.rows.size());
}

TEST(Refit, DrawsChanceToNothing) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    const Sample noise(1'500, 40, 0.5, seed);
    const Basis basis(noise.values, std::vector<bool>(40));
    const Refit refit = refit_weights(basis, noise.values, noise.rows, {});
    EXPECT_GT(refit.l1, 0);
    std::size_t used = 0;
    for (std::size_t input = 0; input < refit.weights.inputs(); ++input) used += refit.weights.weight(input) != 0;
    EXPECT_LT(used, refit.weights.inputs() / 2);
    EXPECT_LT(loss(noise, refit), 0.66);  // without a penalty it would be above that of a coin
  }
}

TEST(Refit, LeavesWhatTellsMuch) {
  const Sample clear(3'000, 2, 3, 7);
  const Basis basis(clear.values, std::vector<bool>(2));
  EXPECT_LE(refit_weights(basis, clear.values, clear.rows, {}).l1, 30);
}

TEST(Refit, JudgesByWeightsThatDidNotSeeTheFold) {
  Sample sample(900, 5, 1, 3);
  const Basis basis(sample.values, std::vector<bool>(5));
  const FtrlRates one_candidate{.l1 = 1'000};
  const Refit before = refit_weights(basis, sample.values, sample.rows, one_candidate);
  for (RefitRow& row : sample.rows) row.label ^= row.fold == 1;
  const Refit after = refit_weights(basis, sample.values, sample.rows, one_candidate);
  bool others_moved = false;
  for (std::size_t row = 0; row < sample.rows.size(); ++row) {
    if (sample.rows[row].fold == 1)
      EXPECT_EQ(before.margins[row], after.margins[row]);
    else
      others_moved |= before.margins[row] != after.margins[row];
  }
  EXPECT_TRUE(others_moved);
}

TEST(Learner, RefitsEarlyWhereErrorsHaveRisen) {
  const auto learn = [](std::size_t batches, std::size_t drift_at) {
    LearnerSettings settings;
    settings.window = 1'000;
    Learner learner({false, false}, settings);
    std::vector<std::size_t> refits;
    for (std::size_t batch = 0; batch < batches; ++batch) {
      const Sample sample(100, 2, 1, static_cast<unsigned>(batch + 1));
      std::vector<std::string> packed(100);
      std::vector<LabelledRow> rows;
      for (std::size_t row = 0; row < 100; ++row) {
        pack(std::span(sample.values).subspan(row * 2, 2), packed[row]);
        rows.push_back({packed[row], row, 1, sample.rows[row].label});
      }
      learner.learn(rows, batch == drift_at);
      if (learner.last_refit() == Learner::LastRefit::kDrift) refits.push_back(batch);
    }
    return refits;
  };
  EXPECT_TRUE(learn(40, 40).empty());
  const std::vector<std::size_t> refits = learn(40, 25);
  ASSERT_EQ(refits.size(), 1u);
  EXPECT_GE(refits[0], 25u);
  EXPECT_LT(refits[0], 35u);  // once the whole window has come since the last one
}

}  // namespace
}  // namespace nudge::scores
