// Ftrl against the formulas of the paper, written down once more without any shortcut.
#include "operators/scores/ftrl.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

namespace nudge::scores {
namespace {

// McMahan et al. 2013, algorithm 1: weights are made anew from z and n at every use.
class Naive {
 public:
  explicit Naive(FtrlRates rates) : rates_(rates) {}
  double weight(std::uint32_t i) {
    const double l1 = i == 0 ? 0 : rates_.l1, l2 = i == 0 ? 0 : rates_.l2;
    if (std::abs(z_[i]) <= l1) return 0;
    const double sign = z_[i] < 0 ? -1 : 1;
    return -1 / ((rates_.beta + std::sqrt(n_[i])) / rates_.alpha + l2) * (z_[i] - sign * l1);
  }
  double margin(std::span<const Term> terms) {
    double sum = 0;
    for (const Term& term : terms) sum += weight(term.index) * term.value;
    return sum;
  }
  void learn(std::span<const Term> terms, bool label, double row_weight) {
    const double p = 1 / (1 + std::exp(-margin(terms)));
    for (const Term& term : terms) {
      const double gradient = (p - label) * term.value * row_weight;
      const double sigma = (std::sqrt(n_[term.index] + gradient * gradient) - std::sqrt(n_[term.index])) / rates_.alpha;
      z_[term.index] += gradient - sigma * weight(term.index);
      n_[term.index] += gradient * gradient;
    }
  }

 private:
  FtrlRates rates_;
  std::map<std::uint32_t, double> z_, n_;
};

TEST(Ftrl, EqualsTheFormulasOfThePaper) {
  const struct {
    const char* name;
    FtrlRates rates;
  } rows[] = {
      {"plain", {.alpha = 0.1, .beta = 1, .l1 = 0, .l2 = 0}},
      {"ridge", {.alpha = 0.05, .beta = 1, .l1 = 0, .l2 = 3}},
      {"lasso", {.alpha = 0.5, .beta = 0.1, .l1 = 0.7, .l2 = 0}},
      {"both", {.alpha = 0.2, .beta = 2, .l1 = 0.3, .l2 = 1}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    std::mt19937 random(17);
    std::normal_distribution<float> value;
    Ftrl ftrl(8, row.rates);
    Naive naive(row.rates);
    for (int i = 0; i < 2000; ++i) {
      std::vector<Term> terms = {{0, 1}};
      for (std::uint32_t index = 1; index < 8; ++index)
        if (random() % 3 != 0) terms.push_back({index, value(random)});
      const bool label = value(random) + terms.back().value > 0.5f;
      const double weight = 1 + random() % 3;
      EXPECT_NEAR(ftrl.margin(terms), naive.margin(terms), 1e-9);
      naive.learn(terms, label, weight);
      ftrl.learn(terms, ftrl.margin(terms), label, weight);
    }
    for (std::uint32_t index = 0; index < 8; ++index) EXPECT_NEAR(ftrl.weight(index), naive.weight(index), 1e-9);
  }
}

TEST(Ftrl, FindsThePlantedWeights) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> uniform(-1, 1);
  Ftrl ftrl(3, {.alpha = 0.2, .beta = 1, .l1 = 0, .l2 = 0});
  for (int i = 0; i < 200'000; ++i) {
    const std::vector<Term> terms = {{0, 1}, {1, uniform(random)}, {2, uniform(random)}};
    const double truth = -1 + 2 * terms[1].value - 0.5 * terms[2].value;
    ftrl.learn(terms, ftrl.margin(terms), (uniform(random) + 1) / 2 < 1 / (1 + std::exp(-truth)), 1);
  }
  EXPECT_NEAR(ftrl.weight(0), -1, 0.05);
  EXPECT_NEAR(ftrl.weight(1), 2, 0.08);
  EXPECT_NEAR(ftrl.weight(2), -0.5, 0.08);
}

TEST(Ftrl, GoesOnAfterDecodingAsIfNothingHadHappened) {
  std::mt19937 random(23);
  const FtrlRates rates{.alpha = 0.1, .beta = 1, .l1 = 0.1, .l2 = 1};
  Ftrl ftrl(20, rates);
  const auto learn = [&](Ftrl& model, unsigned draw) {
    const std::vector<Term> terms = {{0, 1}, {1 + draw % 19, 0.5f + static_cast<float>(draw % 7)}};
    model.learn(terms, model.margin(terms), draw % 5 == 0, 1);
  };
  for (int i = 0; i < 300; ++i) learn(ftrl, random());
  std::string bytes;
  Encoder out(bytes);
  ftrl.encode(out);
  Ftrl again;
  Decoder in(bytes);
  again.decode(in, rates);
  ASSERT_TRUE(in.ok() && in.at_end());
  for (int i = 0; i < 300; ++i) {
    const unsigned draw = random();
    learn(ftrl, draw);
    learn(again, draw);
  }
  for (std::size_t index = 0; index < 20; ++index) EXPECT_EQ(ftrl.weight(index), again.weight(index));
}

}  // namespace
}  // namespace nudge::scores
