#include "operators/rfm/value_model.h"

#include "engine/portable_math.h"
#include "operators/rfm/gamma_log.h"

namespace nudge::rfm {

double log_likelihood(const ValueParameters& own, double orders, double mean_value) {
  const double shape = own.p * orders;
  return gamma_log(shape + own.q).value - gamma_log(shape).value - gamma_log(own.q).value +
         own.q * portable::log(own.gamma) + (shape - 1) * portable::log(mean_value) + shape * portable::log(orders) -
         (shape + own.q) * portable::log(own.gamma + orders * mean_value);
}

std::optional<double> expected_value(const ValueParameters& own, double orders, double total_value) {
  const double degrees = own.p * orders + own.q - 1;
  if (!(degrees > 0)) return std::nullopt;
  return own.p * (own.gamma + total_value) / degrees;
}

}  // namespace nudge::rfm
