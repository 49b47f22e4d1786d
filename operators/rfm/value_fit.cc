#include "operators/rfm/value_fit.h"

#include "engine/portable_math.h"
#include "operators/rfm/gamma_log.h"

namespace nudge::rfm {
namespace {

enum Place : std::size_t { kP, kQ, kGamma };
// As for orders; γ has the unit of money.
constexpr ValueParameters kParametersLeast{1e-5, 1e-5, 1e-10}, kParametersMost{1e4, 1e4, 1e20};

Coordinates<3> logarithms(const ValueParameters& own) {
  return {portable::log(own.p), portable::log(own.q), portable::log(own.gamma)};
}
ValueParameters parameters_at(const Coordinates<3>& logs) {
  return {portable::exp(logs[kP]), portable::exp(logs[kQ]), portable::exp(logs[kGamma])};
}

}  // namespace

// With y the logarithm of the value in all, the terms of x and y are −ln m + p x y − (p x + q) ln (γ + e^y), where m =
// e^y / x is the mean value; the rest depends on x alone.
Curvature<3> likelihood_of(const ValueParameters& own, const ValueSample& sample) {
  Curvature<3> sum;
  const GammaLog q = gamma_log(own.q);
  const double log_gamma = portable::log(own.gamma);
  for (const auto& [x, weight] : sample.counts) {
    const GammaLog both = gamma_log(own.p * x + own.q), shape = gamma_log(own.p * x);
    sum.value += weight * (both.value - shape.value - q.value + own.q * log_gamma + portable::log(x));
    sum.first[kP] += weight * x * (both.first - shape.first);
    sum.first[kQ] += weight * (both.first - q.first + log_gamma);
    sum.first[kGamma] += weight * own.q / own.gamma;
    sum.second[kP][kP] += weight * x * x * (both.second - shape.second);
    sum.second[kQ][kP] += weight * x * both.second;
    sum.second[kQ][kQ] += weight * (both.second - q.second);
    sum.second[kGamma][kQ] += weight / own.gamma;
    sum.second[kGamma][kGamma] -= weight * own.q / (own.gamma * own.gamma);
  }
  for (const auto& [x, y, weight] : sample.values) {
    const double all = own.p * x + own.q, whole = own.gamma + portable::exp(y), log_whole = portable::log(whole);
    const double inverse = 1 / whole;
    sum.value += weight * ((own.p * x - 1) * y - all * log_whole);
    sum.first[kP] += weight * x * (y - log_whole);
    sum.first[kQ] -= weight * log_whole;
    sum.first[kGamma] -= weight * all * inverse;
    sum.second[kGamma][kP] -= weight * x * inverse;
    sum.second[kGamma][kQ] -= weight * inverse;
    sum.second[kGamma][kGamma] += weight * all * inverse * inverse;
  }
  sum.by_logarithms({own.p, own.q, own.gamma});
  return sum;
}

std::optional<ValueParameters> fit_values(const ValueSample& sample, const std::optional<ValueParameters>& near) {
  std::vector<ValueParameters> starts;
  if (near) {
    starts.push_back(*near);
  } else {
    double logs = 0, weights = 0;
    for (const auto& [x, y, weight] : sample.values) {
      logs += weight * (y - portable::log(x));
      weights += weight;
    }
    const double typical = portable::exp(logs / weights);  // of an order
    starts = {{6, 4, typical * 3 / 6}, {2, 2, typical / 2}};
  }
  const Box<3> box{logarithms(kParametersLeast), logarithms(kParametersMost)};
  std::optional<Maximum<3>> best;
  for (const ValueParameters& start : starts) {
    const auto function = [&](const Coordinates<3>& at) { return likelihood_of(parameters_at(at), sample); };
    const Maximum<3> found = maximise<3>(logarithms(start), box, function);
    if (found.converged && (!best || found.value > best->value)) best = found;
  }
  if (!best) return std::nullopt;
  return parameters_at(best->at);
}

}  // namespace nudge::rfm
