// What an order of a customer is worth: Gamma-Gamma (Fader & Hardie 2013).
//
// The values of a customer's orders are Gamma(p, rate ν), and ν is Gamma(q, rate γ) among customers, independent of how
// often they order.
#pragma once

#include <optional>

namespace nudge::rfm {

struct ValueParameters {
  double p = 1, q = 1, gamma = 1;  // each above 0
  bool operator==(const ValueParameters&) const = default;
};

// ln of the density of the mean value of `orders` orders, both above 0.
double log_likelihood(const ValueParameters& parameters, double orders, double mean_value);
// The mean value of the customer's orders to come, after so many orders of this value in all; also before any. Nothing
// where the model has no such mean.
std::optional<double> expected_value(const ValueParameters& parameters, double orders, double total_value);

}  // namespace nudge::rfm
