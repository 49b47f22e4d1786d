// Random: the distributions have the moments they are named for, and the stream is the same on every machine.
#include "tools/nudge/generate/random.h"

#include <gtest/gtest.h>

#include <functional>

namespace nudge::generate {
namespace {

TEST(Random, DistributionsHaveTheirMoments) {
  constexpr int kDraws = 200'000;
  const struct {
    const char* name;
    std::function<double(Random&)> draw;
    double mean, variance;
  } rows[] = {
      {"unit", [](Random& random) { return random.unit(); }, 0.5, 1.0 / 12},
      {"below 6", [](Random& random) { return static_cast<double>(random.below(6)); }, 2.5, 35.0 / 12},
      {"between -1 and 1", [](Random& random) { return static_cast<double>(random.between(-1, 1)); }, 0, 2.0 / 3},
      {"chance .3", [](Random& random) { return random.chance(0.3) ? 1.0 : 0.0; }, 0.3, 0.21},
      {"exponential, mean 4", [](Random& random) { return random.exponential(4); }, 4, 16},
      {"poisson, mean 2", [](Random& random) { return static_cast<double>(random.poisson(2)); }, 2, 2},
      {"normal", [](Random& random) { return random.normal(); }, 0, 1},
      {"gamma, shape 8", [](Random& random) { return random.gamma(8); }, 8, 8},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Random random(42);
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = row.draw(random);
      sum += x;
      squares += (x - row.mean) * (x - row.mean);
    }
    EXPECT_NEAR(sum / kDraws, row.mean, 5 * std::sqrt(row.variance / kDraws));
    EXPECT_NEAR(squares / kDraws, row.variance, 0.05 * row.variance);
  }
}

TEST(Random, GoesOnWhereAStreamWasLeft) {
  Random whole(7);
  for (int i = 0; i < 100; ++i) whole.normal();
  Random rest(7, whole.drawn());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(whole.word(), rest.word());
}

TEST(Random, StreamsOfDifferentKeysDiffer) {
  Random one(1), other(2);
  int equal = 0;
  for (int i = 0; i < 1000; ++i) equal += one.word() == other.word();
  EXPECT_EQ(equal, 0);
}

}  // namespace
}  // namespace nudge::generate
