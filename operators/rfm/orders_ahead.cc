#include "operators/rfm/orders_ahead.h"

#include <algorithm>
#include <cmath>

#include "engine/portable_math.h"
#include "operators/rfm/gamma_log.h"

namespace nudge::rfm {
namespace {

constexpr int kTermsMax = 400, kFewTerms = 8;
constexpr double kSteepest = 0.25;  // of the ratios of Pfaff's terms
// Of the result: what the terms that are left out may come to, and what must remain where two numbers cancel.
constexpr double kTail = 1e-11, kRemainsLeast = 1e-4;

// whole − factor · Σ term over k = 1, 2, …, where a term is the one before times (m + k) (n + k) z / ((c + k) (k + 1)).
struct Difference {
  double whole, factor, first_term, m, n, c, z;

  std::optional<double> value() const {
    double term = factor * first_term, sum = 0, largest = std::abs(whole);
    for (int k = 1; k <= kTermsMax; ++k) {
      sum += term;
      largest = std::max(largest, std::abs(term));
      const double ratio = (m + k) * (n + k) * z / ((c + k) * (k + 1));
      const double steepest = std::max(std::abs(ratio), z);  // of all ratios to come
      if (std::abs(term) * steepest < kTail * (1 - steepest) * std::abs(whole - sum)) {
        const double rest = whole - sum;
        if (!(std::abs(rest) > kRemainsLeast * largest)) return std::nullopt;
        return rest;
      }
      term *= ratio;
    }
    return std::nullopt;
  }
};

// e^y and e^y − 1, each to its last digits.
struct Power {
  explicit Power(double y) {
    if (y < -0.5) {
      whole = portable::exp(y);
      less_one = whole - 1;
    } else {
      less_one = portable::expm1(y);
      whole = 1 + less_one;
    }
  }
  double whole, less_one;
};

}  // namespace

// Pfaff: c Σ (−1)^(k + 1) (shape)_k (a)_{k − 1} / ((c)_k k!) (t / rate)^k, the mean of a Taylor series of which what is
// left out is less than the next term; so it need not converge. Of use where c is large against shape · t / rate.
std::optional<double> orders_ahead_by_pfaff(const AliveCustomer& own, double ahead) {
  const double c = own.a + own.stayed - 1, scale = ahead / own.rate;
  const auto ratio = [&](int k) { return (own.shape + k) * (own.a + k - 1) * scale / ((c + k) * (k + 1)); };
  if (!(ratio(1) < kSteepest && ratio(kFewTerms) < kSteepest)) return std::nullopt;
  double term = own.shape * scale, sum = 0;
  for (int k = 1; k <= 3 * kFewTerms; ++k) {
    sum += term;
    term *= -ratio(k);
    if (std::abs(term) < kTail * sum) return sum;
  }
  return std::nullopt;
}

// c (1 − F) / (a − 1) with c taken into the sum, where it cancels against the first factor of (c)_k: with BG and no
// repeat order c may be 0.
std::optional<double> orders_ahead_by_gauss(const AliveCustomer& own, double ahead) {
  const double c = own.a + own.stayed - 1, z = ahead / (own.rate + ahead);
  const double log_share = -portable::log1p(ahead / own.rate);  // ln (1 − z)
  const Power unspent(own.shape * log_share);
  const Difference difference{.whole = -c * unspent.less_one,
                              .factor = unspent.whole,
                              .first_term = own.shape * own.stayed * z,
                              .m = own.shape,
                              .n = own.stayed,
                              .c = c,
                              .z = z};
  const auto value = difference.value();
  if (!value || own.a == 1) return std::nullopt;
  return *value / (own.a - 1);
}

// Euler: (1 − z)^shape F(shape, stayed; c; z) = (1 − z)^(a − 1) F(c − shape, a − 1; c; z), whose terms have the factor
// a − 1, so that it cancels.
std::optional<double> orders_ahead_by_euler(const AliveCustomer& own, double ahead) {
  const double c = own.a + own.stayed - 1, z = ahead / (own.rate + ahead);
  const double log_share = -portable::log1p(ahead / own.rate);
  const double more = own.a - 1;
  const Power power(more * log_share);
  return Difference{.whole = -c * (more == 0 ? log_share : power.less_one / more),
                    .factor = power.whole,
                    .first_term = (c - own.shape) * z,
                    .m = c - own.shape,
                    .n = more,
                    .c = c,
                    .z = z}
      .value();
}

// Trapezes over v, p = 1 / (1 + e^{−π sinh v}): both ends fall off doubly exponentially (Takahasi & Mori 1974).
double orders_ahead_by_integral(const AliveCustomer& own, double ahead) {
  constexpr double kPi = 3.14159265358979323846, kNegligible = 1e-18;
  const double scale = ahead / own.rate;
  // Where the density of p lies, and how wide it is.
  const double centre = portable::log(own.a / own.stayed) / kPi;
  const double middle = (centre < 0 ? -1 : 1) * portable::log(std::abs(centre) + std::sqrt(centre * centre + 1));
  const double width =
      std::sqrt(gamma_log(own.a).second + gamma_log(own.stayed).second) / (kPi * std::sqrt(centre * centre + 1));
  const double step = std::min(1.0 / 24, width / 3);

  double weights = 0, sum = 0, largest = 0;
  std::optional<double> log_first;
  const auto add = [&](double e) {  // e^v
    const double logit = kPi * (e - 1 / e) / 2, cosh = (e + 1 / e) / 2;
    const double odds = portable::exp(-std::abs(logit)), away = portable::log1p(odds);  // of the unlikelier
    const double log_p = std::min(logit, 0.0) - away, log_stays = std::min(-logit, 0.0) - away;
    const double log_weight = own.a * log_p + own.stayed * log_stays;
    if (!log_first) log_first = log_weight;
    const double weight = portable::exp(log_weight - *log_first) * cosh;
    const double p = (logit < 0 ? odds : 1) / (1 + odds);
    const double lost = portable::expm1(-own.shape * portable::log1p(p * scale));
    weights += weight;
    sum += weight * (p > 1e-200 ? -lost / p : own.shape * scale);
    largest = std::max(largest, weight);
    return weight > kNegligible * largest;
  };
  const double e_middle = portable::exp(middle), e_step = portable::exp(step);
  add(e_middle);
  for (double e = e_middle * e_step; add(e);) e *= e_step;
  for (double e = e_middle / e_step; add(e);) e /= e_step;
  return sum / weights;
}

double orders_ahead(const AliveCustomer& own, double ahead) {
  if (const auto value = orders_ahead_by_pfaff(own, ahead)) return *value;
  // The terms fall as z^k times k^(shape − a), or k^(a − 2 − shape) after Euler.
  const bool gauss_first = own.a > 1 + own.shape;
  if (const auto value = gauss_first ? orders_ahead_by_gauss(own, ahead) : orders_ahead_by_euler(own, ahead))
    return *value;
  if (const auto value = gauss_first ? orders_ahead_by_euler(own, ahead) : orders_ahead_by_gauss(own, ahead))
    return *value;
  return orders_ahead_by_integral(own, ahead);
}

}  // namespace nudge::rfm
