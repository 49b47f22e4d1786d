// Tails and likelihoods against sums of exact binomial coefficients, and e-values against what makes them e-values.
#include "operators/rules/hypergeometric.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "operators/rules/evidence.h"

namespace nudge::rules {
namespace {

long double choose(std::int64_t n, std::int64_t k) {
  if (k < 0 || k > n) return 0;
  long double product = 1;
  for (std::int64_t i = 1; i <= k; ++i)
    product = product * static_cast<long double>(n - k + i) / static_cast<long double>(i);
  return product;
}

long double probability(const Table& table, std::int64_t both) {
  return choose(table.first, both) * choose(table.total - table.first, table.second - both) /
         choose(table.total, table.second);
}

Table random_table(std::mt19937& random, std::int64_t most) {
  Table table;
  table.total = 1 + random() % most;
  table.first = random() % (table.total + 1);
  table.second = random() % (table.total + 1);
  const std::int64_t low = std::max<std::int64_t>(0, table.first + table.second - table.total);
  const std::int64_t high = std::min(table.first, table.second);
  table.both = low + random() % (high - low + 1);
  return table;
}

TEST(Hypergeometric, FisherIsTheSumOfTheTail) {
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const Table table = random_table(random, seed % 2 == 0 ? 12 : 400);
    long double tail = 0;
    for (std::int64_t k = table.both; k <= std::min(table.first, table.second); ++k) tail += probability(table, k);
    EXPECT_NEAR(log_fisher(table), static_cast<double>(std::log(tail)), 1e-9 * (1 + std::abs(log_fisher(table))));
  }
}

TEST(Hypergeometric, LogFactorialIsTheSumOfLogs) {
  long double sum = 0;
  for (std::int64_t n = 1; n <= 200'000; ++n) {
    sum += std::log(static_cast<long double>(n));
    if (n < 200 || n % 9973 == 0) {
      EXPECT_NEAR(log_factorial(n), static_cast<double>(sum), 4e-16 * static_cast<double>(sum) + 1e-14) << n;
    }
  }
}

TEST(Hypergeometric, LargeTablesOfWhichOnlyTheLogarithmCanBeTold) {
  // By integers of unlimited length.
  EXPECT_NEAR(log_fisher({.first = 20'000, .second = 30'000, .both = 15'000, .total = 155'518}), -17871.74470637672,
              1e-6);
}

TEST(Hypergeometric, BinomialIsTheSumOfTheTail) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::int64_t trials = 1 + random() % 60, successes = random() % (trials + 1);
    const double p = (1 + static_cast<double>(random() % 98)) / 100;
    long double sum = 0;
    for (std::int64_t k = 0; k <= successes; ++k)
      sum += choose(trials, k) * std::pow(static_cast<long double>(p), k) *
             std::pow(1 - static_cast<long double>(p), trials - k);
    EXPECT_NEAR(log_binomial_at_most(successes, trials, p), static_cast<double>(std::log(sum)), 1e-9);
  }
}

// Under independence, and under every odds ratio below 1, the mean over all outcomes is at most 1.
TEST(Evidence, IsAnEValue) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Table table = random_table(random, 80);
    const double odds = seed % 3 == 0 ? 1 : static_cast<double>(1 + random() % 100) / 100;
    long double mean = 0, all = 0;
    for (std::int64_t k = std::max<std::int64_t>(0, table.first + table.second - table.total);
         k <= std::min(table.first, table.second); ++k) {
      table.both = k;
      Evidence evidence(0);
      evidence.add(table);
      const long double weight = probability(table, k) * std::pow(static_cast<long double>(odds), k);
      all += weight;
      mean += weight * std::exp(static_cast<long double>(evidence.log_e()));
    }
    mean /= all;
    EXPECT_LE(static_cast<double>(mean), 1 + 1e-9);
    if (odds == 1) {
      EXPECT_NEAR(static_cast<double>(mean), 1, 1e-9);
    }
  }
}

TEST(Evidence, GrowsWithWhatSpeaksForTheRuleAndIsKept) {
  Evidence evidence(100);
  for (int day = 0; day < 10; ++day) evidence.add({.first = 30, .second = 30, .both = 15, .total = 200});
  evidence.close(110);
  EXPECT_GT(evidence.log_e(), 50);
  EXPECT_EQ(evidence.baskets(), 2'000);
  std::string bytes;
  Encoder out(bytes);
  evidence.encode(out);
  Decoder in(bytes);
  Evidence read;
  read.decode(in);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(read.log_e(), evidence.log_e());
  EXPECT_EQ(read.until(), 110);
}

}  // namespace
}  // namespace nudge::rules
