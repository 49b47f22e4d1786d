#include "operators/rfm/purchase_model.h"

#include "engine/portable_math.h"
#include "operators/rfm/gamma_log.h"
#include "operators/rfm/orders_ahead.h"

namespace nudge::rfm {
namespace {

// ln (P(gone) / P(alive)) at T; the customer had a chance to leave.
double log_odds_gone(const PurchaseParameters& own, double chances, const PurchaseHistory& history) {
  const double ratio = (own.alpha + history.T) / (own.alpha + history.t_x);
  return portable::log(own.a / (own.b + chances - 1)) + (own.r + history.x) * portable::log(ratio);
}

}  // namespace

double log_likelihood(PurchaseModel model, const PurchaseParameters& own, const PurchaseHistory& history) {
  const double chances = chances_to_leave(model, history.x);
  const auto log_gamma = [](double x) { return gamma_log(x).value; };
  const double alive = log_gamma(own.r + history.x) - log_gamma(own.r) + own.r * portable::log(own.alpha) +
                       log_gamma(own.b + chances) - log_gamma(own.b) + log_gamma(own.a + own.b) -
                       log_gamma(own.a + own.b + chances) - (own.r + history.x) * portable::log(own.alpha + history.T);
  if (chances <= 0) return alive;
  const double odds = log_odds_gone(own, chances, history);
  return alive + (odds > 0 ? odds : 0) + portable::log1p(portable::exp(odds > 0 ? -odds : odds));
}

double p_alive(PurchaseModel model, const PurchaseParameters& own, const PurchaseHistory& history) {
  const double chances = chances_to_leave(model, history.x);
  if (chances <= 0) return 1;
  return 1 / (1 + portable::exp(log_odds_gone(own, chances, history)));
}

double orders_if_alive(PurchaseModel model, const PurchaseParameters& own, const PurchaseHistory& history,
                       double ahead) {
  const double stayed = own.b + chances_to_leave(model, history.x);
  return orders_ahead({own.r + history.x, own.alpha + history.T, own.a, stayed}, ahead);
}

}  // namespace nudge::rfm
