// When customers order, and when they stop for good: BG/NBD (Fader, Hardie & Lee 2005) and MBG/NBD (Batislam, Denizel
// & Filiztekin 2007).
//
// While alive a customer orders as a Poisson process of rate λ, and after an order is gone with probability p; λ is
// Gamma(r, rate α) and p Beta(a, b) among customers. BG asks p only after repeat orders, so that a one-time buyer is
// always alive; MBG asks it after the first order, too. Nothing here reads a clock; the unit of time is the caller's.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace nudge::rfm {

enum class PurchaseModel : std::uint8_t { kBgNbd, kMbgNbd };
inline constexpr std::string_view kPurchaseModelNames[] = {"bg_nbd", "mbg_nbd"};  // in the order of the enumeration

struct PurchaseParameters {
  double r = 1, alpha = 1, a = 1, b = 1;  // each above 0
  bool operator==(const PurchaseParameters&) const = default;
};

struct PurchaseHistory {
  double x = 0;    // repeat orders; a mean need not be whole
  double t_x = 0;  // from the first order to the last
  double T = 0;    // from the first order to now, not below t_x
};

// After how many of the orders a customer could have left.
constexpr double chances_to_leave(PurchaseModel model, double x) { return model == PurchaseModel::kMbgNbd ? x + 1 : x; }

double log_likelihood(PurchaseModel model, const PurchaseParameters& parameters, const PurchaseHistory& history);
// That the customer has not left until T.
double p_alive(PurchaseModel model, const PurchaseParameters& parameters, const PurchaseHistory& history);
// Orders in (T, T + ahead] of a customer who is alive at T; p_alive times this is what is to be expected.
double orders_if_alive(PurchaseModel model, const PurchaseParameters& parameters, const PurchaseHistory& history,
                       double ahead);

}  // namespace nudge::rfm
