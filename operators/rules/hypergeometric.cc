#include "operators/rules/hypergeometric.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/check.h"
#include "engine/portable_math.h"

namespace nudge::rules {
namespace {

constexpr double kNegligible = 1e-18;
constexpr std::size_t kTabled = 64;

// Below this they are summed, from there on Stirling's series is as good.
std::array<double, kTabled> small_factorials() {
  std::array<double, kTabled> table{};
  double product = 1;
  for (std::size_t n = 1; n < kTabled; ++n) {
    product *= static_cast<double>(n);
    table[n] = portable::log(product);
  }
  return table;
}

double log_choose(std::int64_t n, std::int64_t k) { return log_factorial(n) - log_factorial(k) - log_factorial(n - k); }

// The tilted hypergeometric, relative to some place: what its neighbours have.
class Weights {
 public:
  Weights(const Table& table, double odds_ratio) : table_(table), odds_ratio_(odds_ratio) {}
  std::int64_t least() const { return std::max<std::int64_t>(0, table_.first + table_.second - table_.total); }
  std::int64_t most() const { return std::min(table_.first, table_.second); }
  // Of k + 1 over that of k.
  double rise(std::int64_t k) const {
    return odds_ratio_ * static_cast<double>(table_.first - k) * static_cast<double>(table_.second - k) /
           (static_cast<double>(k + 1) * static_cast<double>(table_.total - table_.first - table_.second + k + 1));
  }
  // The sums over all places above and below k, relative to that of k; k is not among them.
  double above(std::int64_t k) const {
    double sum = 0, weight = 1;
    for (; k < most(); ++k) {
      weight *= rise(k);
      sum += weight;
      if (weight < kNegligible * sum && rise(k) < 1) break;
    }
    return sum;
  }
  double below(std::int64_t k) const {
    double sum = 0, weight = 1;
    for (; k > least(); --k) {
      const double fall = 1 / rise(k - 1);
      weight *= fall;
      sum += weight;
      if (weight < kNegligible * sum && fall < 1) break;
    }
    return sum;
  }
  // Where the weight is greatest: the weights rise up to there and fall behind it.
  std::int64_t mode() const {
    std::int64_t low = least(), high = most();
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      if (rise(middle) >= 1)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }

 private:
  const Table& table_;
  double odds_ratio_;
};

double log_probability(const Table& table, std::int64_t both) {
  return log_choose(table.first, both) + log_choose(table.total - table.first, table.second - both) -
         log_choose(table.total, table.second);
}

}  // namespace

double log_factorial(std::int64_t n) {
  static const std::array<double, kTabled> kSmall = small_factorials();
  if (n < static_cast<std::int64_t>(kTabled)) return kSmall[static_cast<std::size_t>(n)];
  constexpr double kHalfLogTwoPi = 0.91893853320467274178;
  const double x = static_cast<double>(n) + 1, inverse = 1 / x, square = inverse * inverse;
  const double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680)));
  return (x - 0.5) * portable::log(x) - x + kHalfLogTwoPi + series;
}

double log_fisher(const Table& table) {
  NUDGE_CHECK(table.is_good(), "counts of one set of baskets");
  const Weights weights(table, 1);
  if (table.both <= weights.least()) return 0;
  const double expected =
      static_cast<double>(table.first) * static_cast<double>(table.second) / static_cast<double>(table.total);
  if (static_cast<double>(table.both) > expected)
    return std::min(0.0, log_probability(table, table.both) + portable::log1p(weights.above(table.both)));
  // More likely than not: one less the other tail.
  const std::int64_t fewer = table.both - 1;
  const double log_rest = log_probability(table, fewer) + portable::log1p(weights.below(fewer));
  return portable::log1p(-std::min(1.0, portable::exp(log_rest)));
}

double log_likelihood_ratio(const Table& table, double log_odds_ratio) {
  NUDGE_CHECK(table.is_good(), "counts of one set of baskets");
  const Weights weights(table, portable::exp(log_odds_ratio));
  if (weights.least() == weights.most()) return 0;
  const std::int64_t mode = weights.mode();
  const double log_norm = log_probability(table, mode) + static_cast<double>(mode) * log_odds_ratio +
                          portable::log1p(weights.above(mode) + weights.below(mode));
  return static_cast<double>(table.both) * log_odds_ratio - log_norm;
}

double log_binomial_at_most(std::int64_t successes, std::int64_t trials, double probability) {
  if (successes >= trials || probability <= 0) return 0;
  if (successes < 0 || probability >= 1) return -INFINITY;
  const double odds = probability / (1 - probability);
  double sum = 1, weight = 1;
  for (std::int64_t k = successes; k > 0; --k) {
    const double fall = static_cast<double>(k) / (odds * static_cast<double>(trials - k + 1));
    weight *= fall;
    sum += weight;
    if (weight < kNegligible * sum && fall < 1) break;
  }
  return std::min(0.0, log_choose(trials, successes) + static_cast<double>(successes) * portable::log(probability) +
                           static_cast<double>(trials - successes) * portable::log1p(-probability) +
                           portable::log(sum));
}

// Failures of as many or fewer.
double log_binomial_at_least(std::int64_t successes, std::int64_t trials, double probability) {
  return log_binomial_at_most(trials - successes, trials, 1 - probability);
}

}  // namespace nudge::rules
