// Gamma-Gamma by brute force, its cells, and its fit to CDNOW and to planted truth.
#include "operators/rfm/value_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "operators/rfm/value_cells.h"
#include "operators/rfm/value_fit.h"
#include "tests/operators/rfm/cdnow.h"

namespace nudge::rfm {
namespace {

// Sums over what ν may be, in even steps of its logarithm.
template <typename Function>
double over_all_customers(const ValueParameters& own, Function function) {
  double sum = 0;
  constexpr double kStep = 0.01;
  for (double u = -20; u <= 12; u += kStep) {
    const double rate = std::exp(u);
    sum +=
        kStep * function(rate) * std::exp(own.q * std::log(own.gamma * rate) - own.gamma * rate - std::lgamma(own.q));
  }
  return sum;
}

// The mean of x values of Gamma(p, ν) is Gamma(p x, ν x).
double density_of_mean(double p, double rate, double x, double mean) {
  return std::exp(p * x * std::log(rate * x) + (p * x - 1) * std::log(mean) - rate * x * mean - std::lgamma(p * x));
}

TEST(ValueModel, IsWhatItsDefinitionSaysByBruteForce) {
  const ValueParameters own{6.25, 3.74, 15.44};
  for (const auto& [x, mean] : {std::pair(1.0, 12.5), std::pair(2.0, 40.0), std::pair(9.0, 31.0)}) {
    SCOPED_TRACE(x);
    const double any = over_all_customers(own, [&](double rate) { return density_of_mean(own.p, rate, x, mean); });
    const double value =
        over_all_customers(own, [&](double rate) { return density_of_mean(own.p, rate, x, mean) * own.p / rate; });
    EXPECT_NEAR(log_likelihood(own, x, mean), std::log(any), 1e-8);
    EXPECT_NEAR(*expected_value(own, x, x * mean), value / any, 1e-7 * mean);
  }
}

TEST(ValueModel, OfNobodyKnownIsTheMeanOfAllIfThereIsOne) {
  EXPECT_DOUBLE_EQ(*expected_value({6, 4, 15}, 0, 0), 30);
  EXPECT_EQ(expected_value({6, 1, 15}, 0, 0), std::nullopt);
  EXPECT_EQ(expected_value({6, 0.5, 15}, 0, 0), std::nullopt);
  EXPECT_DOUBLE_EQ(*expected_value({6, 0.5, 15}, 1, 7), 24);
}

Purchases repeat(std::uint64_t repeats, Int128 micro) { return {repeats + 1, 0, kDay, micro}; }

std::string bytes_of(const ValueCells& cells) {
  std::string bytes;
  Encoder encoder(bytes);
  cells.encode(encoder);
  return bytes;
}

TEST(ValueCells, CountWhoBoughtAgainForSomething) {
  ValueCells cells;
  cells.add({1, 0, 0, 0}, +1);
  cells.add(repeat(3, 0), +1);
  EXPECT_EQ(cells.size(), 0u);
  cells.add(repeat(3, 90'000'000), +1);
  const ValueSample sample = cells.sample();
  ASSERT_EQ(sample.values.size(), 1u);
  EXPECT_EQ(sample.values[0].x, 3);
  EXPECT_NEAR(sample.values[0].log_value, std::log(90), 1e-7);
  EXPECT_EQ(sample.counts[0].x, 3);
}

TEST(ValueCells, NeitherOrderNorTasksShowAndWhoGoesIsForgotten) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::vector<ValueCells> tasks(3);
    ValueCells one;
    std::vector<Purchases> customers;
    double logs = 0, squares = 0;
    for (int i = 0; i < 400; ++i) {
      customers.push_back(repeat(1 + random() % 40, 1 + static_cast<Int128>(random() % 1'000'000'000'000)));
      tasks[random() % 3].add(customers.back(), +1);
      const double log = std::log(static_cast<double>(customers.back().repeat_micro) / 1e6);
      logs += log;
      squares += log * log;
    }
    for (auto customer = customers.rbegin(); customer != customers.rend(); ++customer) one.add(*customer, +1);
    ValueCells all;
    for (const ValueCells& task : tasks) all.merge(task);
    EXPECT_EQ(bytes_of(all), bytes_of(one));
    const ValueSample sample = all.sample();
    double mean = 0, spread = 0;
    for (const auto& [x, log_value, weight] : sample.values) {
      mean += weight * log_value;
      spread += weight * log_value * log_value;
    }
    EXPECT_NEAR(mean, logs, 1e-4);
    EXPECT_NEAR(spread, squares, 1e-3);

    ValueCells decoded;
    const std::string bytes = bytes_of(all);
    Decoder decoder(bytes);
    ASSERT_TRUE(decoded.decode(decoder) && decoder.at_end());
    EXPECT_EQ(decoded, all);
    for (const Purchases& customer : customers) all.add(customer, -1);
    EXPECT_EQ(all.size(), 0u);
  }
}

TEST(ValueFit, HasTheDerivativesThatDifferencesSay) {
  ValueCells cells;
  std::mt19937_64 random(5);
  for (int i = 0; i < 500; ++i)
    cells.add(repeat(1 + random() % 9, 1'000'000 + static_cast<Int128>(random() % 200'000'000)), +1);
  const ValueSample sample = cells.sample();
  const double logs[] = {1.5, 1.2, 3};
  const auto at = [&](std::size_t place, double more) {
    double moved[3];
    for (std::size_t i = 0; i < 3; ++i) moved[i] = std::exp(logs[i] + (i == place ? more : 0));
    return likelihood_of({moved[0], moved[1], moved[2]}, sample);
  };
  const Curvature<3> here = at(0, 0);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < 3; ++i) {
    const Curvature<3> above = at(i, kStep), below = at(i, -kStep);
    EXPECT_NEAR(here.first[i], (above.value - below.value) / (2 * kStep), 1e-5 * (1 + std::abs(here.first[i])));
    for (std::size_t j = 0; j < 3; ++j)
      EXPECT_NEAR(here.second[std::max(i, j)][std::min(i, j)], (above.first[j] - below.first[j]) / (2 * kStep), 1e-4)
          << i << " " << j;
  }
}

// Fader & Hardie 2013: 946 customers with repeat orders that are worth something.
TEST(ValueFit, ReachesThePublishedParametersOfCdnow) {
  const auto customers = cdnow_sample();
  if (!customers) GTEST_SKIP() << "../shared/data/cdnow is absent";
  ValueCells cells;
  for (const Purchases& one : *customers) cells.add(one, +1);
  EXPECT_EQ(cells.customers(), 946);
  const auto found = fit_values(cells.sample(), std::nullopt);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->p / 6.249, 1, 3e-4);
  EXPECT_NEAR(found->q / 3.745, 1, 3e-4);
  EXPECT_NEAR(found->gamma / 15.448, 1, 4e-4);
}

TEST(ValueFit, FindsWhatWasPlantedInAnyCurrency) {
  const ValueParameters planted{4, 3, 20};
  for (const double currency : {1.0, 1e4}) {
    std::mt19937_64 random(9);
    ValueCells cells;
    for (int i = 0; i < 20'000; ++i) {
      const double rate = std::gamma_distribution(planted.q, 1 / planted.gamma)(random);
      const std::uint64_t repeats = 1 + random() % 5;
      const double value = std::gamma_distribution(planted.p * static_cast<double>(repeats), 1 / rate)(random);
      cells.add(repeat(repeats, std::llround(value * currency * 1e6)), +1);
    }
    const auto found = fit_values(cells.sample(), std::nullopt);
    ASSERT_TRUE(found.has_value());
    EXPECT_NEAR(found->p, planted.p, 0.25);
    EXPECT_NEAR(found->q, planted.q, 0.15);
    EXPECT_NEAR(found->gamma / currency, planted.gamma, 2);
  }
}

// Everybody spends the same: p and q have no end, what is expected is that value.
TEST(ValueFit, ComesToAnEndWhereThereIsNoMaximum) {
  ValueCells cells;
  for (int i = 0; i < 300; ++i) cells.add(repeat(1 + i % 3, (1 + i % 3) * 25'000'000), +1);
  const auto found = fit_values(cells.sample(), std::nullopt);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(*expected_value(*found, 2, 50), 25, 0.1);
}

}  // namespace
}  // namespace nudge::rfm
