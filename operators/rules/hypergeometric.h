// Two properties of a basket by chance: how many of n baskets have both, where `first` have the one and `second` the
// other. The distribution with the margins fixed is the hypergeometric; tilted by an odds ratio it is Fisher's
// noncentral one. All in natural logarithms, so that no p-value is too small to be told from another.
#pragma once

#include <cstdint>

namespace nudge::rules {

struct Table {
  std::int64_t first = 0, second = 0, both = 0, total = 0;

  bool is_good() const {
    return 0 <= both && both <= first && both <= second && first <= total && second <= total &&
           first + second - both <= total;
  }
  Table& operator+=(const Table& other) {
    first += other.first;
    second += other.second;
    both += other.both;
    total += other.total;
    return *this;
  }
  Table operator-(const Table& other) const {
    return {first - other.first, second - other.second, both - other.both, total - other.total};
  }
  bool operator==(const Table&) const = default;
};

// ln of n!, right to some units in the last place.
double log_factorial(std::int64_t n);

// Fisher's exact test, one-sided: ln of P(both or more | margins).
double log_fisher(const Table& table);

// ln of the likelihood of `both` under an odds ratio of exp(log_odds_ratio) over that under independence, given the
// margins. Its exponential is an e-value against an odds ratio of at most 1, where log_odds_ratio is above 0.
double log_likelihood_ratio(const Table& table, double log_odds_ratio);

// ln of P(successes or fewer) and of P(successes or more) of a binomial.
double log_binomial_at_most(std::int64_t successes, std::int64_t trials, double probability);
double log_binomial_at_least(std::int64_t successes, std::int64_t trials, double probability);

}  // namespace nudge::rules
