#include "operators/rfm/orders_ahead.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <vector>

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

namespace {

// Of the trapezes: p = 1 / (1 + e^{−π sinh v}) at v = i h, and what of it is the same for all customers.
class Nodes {
 public:
  static constexpr int kBlock = 8;  // computed together

  Nodes(double step, double widest) : step_(step) {
    const int each_side = static_cast<int>(widest / step) / kBlock * kBlock;
    zero_ = each_side;
    for (int i = -each_side; i < each_side; ++i) {
      constexpr double kPi = 3.14159265358979323846;
      const double e = portable::exp(i * step), logit = kPi * (e - 1 / e) / 2;
      const double odds = portable::exp(-std::abs(logit)), away = portable::log1p(odds);  // of the unlikelier
      log_p_.push_back(std::min(logit, 0.0) - away);
      log_stays_.push_back(std::min(-logit, 0.0) - away);
      p_.push_back((logit < 0 ? odds : 1) / (1 + odds));
      slope_.push_back((e + 1 / e) / 2);
    }
  }

  // Of the block that holds v.
  std::size_t block_at(double v) const {
    const double at = std::clamp(v / step_ + zero_, 0.0, static_cast<double>(p_.size() - 1));
    return static_cast<std::size_t>(at) / kBlock;
  }
  std::size_t blocks() const { return p_.size() / kBlock; }
  double log_weight(const AliveCustomer& own, std::size_t node) const {
    return own.a * log_p_[node] + own.stayed * log_stays_[node];
  }
  double p(std::size_t node) const { return p_[node]; }
  double slope(std::size_t node) const { return slope_[node]; }  // cosh v

 private:
  const double step_;
  int zero_;
  std::vector<double> log_p_, log_stays_, p_, slope_;
};

// Steps of a 24th, halved so often; made when they are first asked for, the finer ones hardly ever.
const Nodes& nodes_of(std::size_t halvings) {
  constexpr std::size_t kMost = 8;
  static std::array<std::once_flag, kMost> made;
  static std::array<std::optional<Nodes>, kMost> nodes;
  halvings = std::min(halvings, kMost - 1);
  std::call_once(made[halvings], [&] {
    // With a of 1e-5 the weights reach far out; where they are narrow they do not.
    nodes[halvings].emplace(1.0 / 24 / static_cast<double>(1 << halvings), halvings == 0 ? 16.0 : 5.0);
  });
  return *nodes[halvings];
}

}  // namespace

// Trapezes over v, p = 1 / (1 + e^{−π sinh v}): both ends fall off doubly exponentially (Takahasi & Mori 1974).
double orders_ahead_by_integral(const AliveCustomer& own, double ahead) {
  constexpr double kPi = 3.14159265358979323846, kNegligible = 1e-18;
  const double scale = ahead / own.rate;
  // Where the density of p lies, and how wide it is.
  const double centre = portable::log(own.a / own.stayed) / kPi;
  const double middle = (centre < 0 ? -1 : 1) * portable::log(std::abs(centre) + std::sqrt(centre * centre + 1));
  const double width =
      std::sqrt(gamma_log(own.a).second + gamma_log(own.stayed).second) / (kPi * std::sqrt(centre * centre + 1));
  std::size_t halvings = 0;
  for (double step = 1.0 / 24; step > width / 3; step /= 2) ++halvings;
  const Nodes& nodes = nodes_of(halvings);

  double weights = 0, sum = 0, largest = 0;
  const std::size_t first = nodes.block_at(middle);
  const double log_first = nodes.log_weight(own, first * Nodes::kBlock);
  // Whether nodes further from the middle weigh anything.
  const auto add = [&](std::size_t block) {
    std::array<double, Nodes::kBlock> weight, lost;
    for (std::size_t i = 0; i < Nodes::kBlock; ++i) {
      const std::size_t node = block * Nodes::kBlock + i;
      weight[i] = nodes.log_weight(own, node) - log_first;
      lost[i] = nodes.p(node) * scale;
    }
    portable::exp_each(weight);
    portable::log1p_each(lost);
    for (double& each : lost) each *= -own.shape;
    portable::expm1_each(lost);
    double heaviest = 0;
    for (std::size_t i = 0; i < Nodes::kBlock; ++i) {
      const std::size_t node = block * Nodes::kBlock + i;
      const double w = weight[i] * nodes.slope(node), p = nodes.p(node);
      weights += w;
      sum += w * (p > 1e-200 ? -lost[i] / p : own.shape * scale);
      heaviest = std::max(heaviest, w);
    }
    largest = std::max(largest, heaviest);
    return heaviest > kNegligible * largest;
  };
  for (std::size_t block = first; block < nodes.blocks() && add(block);) ++block;
  for (std::size_t block = first; block > 0 && add(block - 1);) --block;
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
