// The confidence sequence of two models' difference: how often it is wrong in sequences of equal models that are looked
// at after every block, and how soon it sees a difference that is there.
#include "operators/scores/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

namespace nudge::scores {
namespace {

using Draw = std::function<double(std::mt19937&)>;

// The share of sequences in which the interval ever excludes 0 from below.
double ever_above_zero(const Draw& block, double error, int sequences, int blocks) {
  int wrong = 0;
  for (int sequence = 0; sequence < sequences; ++sequence) {
    std::mt19937 random(static_cast<unsigned>(sequence));
    Comparison comparison;
    bool above = false;
    for (int i = 0; i < blocks && !above; ++i) {
      comparison.add(block(random));
      above = comparison.interval(error).low > 0;
    }
    wrong += above;
  }
  return static_cast<double>(wrong) / sequences;
}

double normal(std::mt19937& random) { return std::normal_distribution(0.0, 0.003)(random); }
// Two models that say different things and lose alike: the Brier difference over a hundred rows of few positives.
double of_rows(std::mt19937& random) {
  double sum = 0;
  for (int row = 0; row < 100; ++row) {
    const double truth = 0.08, apart = random() % 2 == 0 ? 0.05 : 0.0;
    const double first = truth + apart, second = truth - apart, label = random() % 1'000 < 80 ? 1 : 0;
    sum += (first - label) * (first - label) - (second - label) * (second - label);
  }
  return sum / 100;
}
// Now and then a block of another kind: ten times as far apart.
double of_two_kinds(std::mt19937& random) {
  return std::normal_distribution(0.0, random() % 10 == 0 ? 0.03 : 0.003)(random);
}

TEST(Comparison, EqualModelsAreSeldomToldApartHoweverOftenOneLooks) {
  const struct {
    const char* name;
    Draw block;
  } kinds[] = {{"normal", normal}, {"rows", of_rows}, {"two kinds", of_two_kinds}};
  for (const auto& kind : kinds) {
    // The interval has two sides, of which one is counted.
    const double share = ever_above_zero(kind.block, 0.1, 1'000, 200);
    EXPECT_LE(share, 0.1) << kind.name;
  }
  EXPECT_GT(ever_above_zero(normal, 0.1, 1'000, 200), 0.005) << "a sequence that never decides is no test";
}

TEST(Comparison, SeesADifferenceThatIsThere) {
  const Draw better = [](std::mt19937& random) { return 0.003 + normal(random); };
  EXPECT_GT(ever_above_zero(better, 0.05, 200, 30), 0.9);
  const Draw worse = [](std::mt19937& random) { return -0.003 + normal(random); };
  EXPECT_EQ(ever_above_zero(worse, 0.05, 200, 200), 0.0);
}

TEST(Comparison, TheIntervalIsWhereTheMartingaleIsBelow) {
  std::mt19937 random(7);
  Comparison comparison;
  std::vector<double> blocks;
  for (int i = 0; i < 20; ++i) {
    blocks.push_back(0.002 + normal(random));
    comparison.add(blocks.back());
  }
  const auto martingale = [&](double supposed) {
    double sum = 0, squares = 0;
    for (const double block : blocks) {
      sum += block - supposed;
      squares += (block - supposed) * (block - supposed);
    }
    const double n = static_cast<double>(blocks.size());
    return std::sqrt(1 / (n + 1)) * std::pow(squares / (squares - sum * sum / (n + 1)), n / 2);
  };
  const Comparison::Interval interval = comparison.interval(0.05);
  EXPECT_NEAR(martingale(interval.low), 20, 1e-6);
  EXPECT_NEAR(martingale(interval.high), 20, 1e-6);
  EXPECT_LT(martingale(interval.mean), 1);
}

TEST(Comparison, EqualLossesDecideNothing) {
  Comparison comparison;
  for (int i = 0; i < 100; ++i) comparison.add(0);
  EXPECT_EQ(comparison.interval(0.05).low, 0);
}

TEST(Comparison, BytesRoundTrip) {
  Comparison comparison;
  for (int i = 0; i < 9; ++i) comparison.add(0.001 * i);
  std::string bytes;
  Encoder out(bytes);
  comparison.encode(out);
  Comparison again;
  Decoder in(bytes);
  again.decode(in);
  ASSERT_TRUE(in.ok() && in.at_end());
  EXPECT_EQ(again.interval(0.05).low, comparison.interval(0.05).low);
  EXPECT_EQ(again.blocks(), 9u);
}

}  // namespace
}  // namespace nudge::scores
