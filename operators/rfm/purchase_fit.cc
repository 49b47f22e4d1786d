#include "operators/rfm/purchase_fit.h"

#include <cmath>

#include "engine/portable_math.h"
#include "operators/rfm/gamma_log.h"

namespace nudge::rfm {
namespace {

enum Place : std::size_t { kR, kAlpha, kA, kB };

Coordinates<4> logarithms(const PurchaseParameters& own) {
  return {portable::log(own.r), portable::log(own.alpha), portable::log(own.a), portable::log(own.b)};
}
PurchaseParameters parameters_at(const Coordinates<4>& logs) {
  return {portable::exp(logs[kR]), portable::exp(logs[kAlpha]), portable::exp(logs[kA]), portable::exp(logs[kB])};
}

// Γ(r + x) α^r B(a, b + chances) / (Γ(r) B(a, b)): what depends on x alone.
void add_counts(PurchaseModel model, const PurchaseParameters& own, const std::vector<WeightedCount>& counts,
                Curvature<4>& sum) {
  const GammaLog r = gamma_log(own.r), b = gamma_log(own.b), a_b = gamma_log(own.a + own.b);
  const double log_alpha = portable::log(own.alpha);
  for (const auto& [x, weight] : counts) {
    const double chances = chances_to_leave(model, x);
    const GammaLog orders = gamma_log(own.r + x), stayed = gamma_log(own.b + chances),
                   all = gamma_log(own.a + own.b + chances);
    sum.value += weight * (orders.value - r.value + own.r * log_alpha + stayed.value - b.value - all.value + a_b.value);
    sum.first[kR] += weight * (orders.first - r.first + log_alpha);
    sum.first[kAlpha] += weight * own.r / own.alpha;
    sum.first[kA] += weight * (a_b.first - all.first);
    sum.first[kB] += weight * (stayed.first - b.first + a_b.first - all.first);
    sum.second[kR][kR] += weight * (orders.second - r.second);
    sum.second[kAlpha][kR] += weight / own.alpha;
    sum.second[kAlpha][kAlpha] -= weight * own.r / (own.alpha * own.alpha);
    sum.second[kA][kA] += weight * (a_b.second - all.second);
    sum.second[kB][kA] += weight * (a_b.second - all.second);
    sum.second[kB][kB] += weight * (stayed.second - b.second + a_b.second - all.second);
  }
}

// (α + T)^-(r + x) (1 + e^w), where e^w = a / (b + chances − 1) ((α + T) / (α + t_x))^(r + x) is gone to alive.
void add_histories(PurchaseModel model, const PurchaseParameters& own, const std::vector<WeightedHistory>& histories,
                   Curvature<4>& sum) {
  const double log_alpha = portable::log(own.alpha), log_a = portable::log(own.a);
  double known_x = -1, log_stayed = 0;
  for (const WeightedHistory& history : histories) {
    const double weight = history.weight, chances = chances_to_leave(model, history.x), shape = own.r + history.x;
    const double log_now = portable::log(own.alpha + history.T), now = 1 / (own.alpha + history.T);
    sum.value -= weight * shape * log_now;
    sum.first[kR] -= weight * log_now;
    sum.first[kAlpha] -= weight * shape * now;
    sum.second[kAlpha][kR] -= weight * now;
    sum.second[kAlpha][kAlpha] += weight * shape * now * now;
    if (chances <= 0) continue;
    if (history.x != known_x) {
      known_x = history.x;
      log_stayed = portable::log(own.b + chances - 1);
    }
    const double log_last = history.t_x == 0 ? log_alpha : portable::log(own.alpha + history.t_x);
    const double last = 1 / (own.alpha + history.t_x), stays = 1 / (own.b + chances - 1);
    const double w = log_a - log_stayed + shape * (log_now - log_last), less = portable::exp(-std::abs(w));
    const double gone = (w > 0 ? 1 : less) / (1 + less), either = gone * (1 - gone);
    sum.value += weight * ((w > 0 ? w : 0) + portable::log1p(less));
    const double slope[] = {log_now - log_last, shape * (now - last), 1 / own.a, -stays};
    for (std::size_t i = 0; i < 4; ++i) {
      sum.first[i] += weight * gone * slope[i];
      for (std::size_t j = 0; j <= i; ++j) sum.second[i][j] += weight * either * slope[i] * slope[j];
    }
    sum.second[kAlpha][kR] += weight * gone * (now - last);
    sum.second[kAlpha][kAlpha] -= weight * gone * shape * (now * now - last * last);
    sum.second[kA][kA] -= weight * gone / (own.a * own.a);
    sum.second[kB][kB] += weight * gone * stays * stays;
  }
}

}  // namespace

Curvature<4> likelihood_of(PurchaseModel model, const PurchaseParameters& own, const PurchaseSample& sample) {
  Curvature<4> sum;
  add_counts(model, own, sample.counts, sum);
  add_histories(model, own, sample.histories, sum);
  sum.by_logarithms({own.r, own.alpha, own.a, own.b});
  return sum;
}

std::optional<PurchaseFit> fit_purchases(PurchaseModel model, const PurchaseSample& sample,
                                         const std::optional<PurchaseParameters>& near) {
  std::vector<PurchaseParameters> starts;
  if (near) {
    starts.push_back(*near);
  } else {
    // Rates as if nobody ever left: α only sets the scale.
    double orders = 0, time = 0;
    for (const WeightedHistory& history : sample.histories) {
      orders += history.weight * (history.x + 0.5);
      time += history.weight * history.T;
    }
    const double between = time > 0 ? time / orders : 1;
    starts = {{0.3, 0.3 * between, 1, 2}, {1, between, 0.5, 3}};
  }
  const Box<4> box{logarithms(kParametersLeast), logarithms(kParametersMost)};
  std::optional<PurchaseFit> best;
  for (const PurchaseParameters& start : starts) {
    const auto function = [&](const Coordinates<4>& at) { return likelihood_of(model, parameters_at(at), sample); };
    const Maximum<4> found = maximise<4>(logarithms(start), box, function);
    if (found.converged && (!best || found.value > best->log_likelihood))
      best = PurchaseFit{parameters_at(found.at), found.value};
  }
  return best;
}

}  // namespace nudge::rfm
