#include "tools/nudge/generate/plan.h"

namespace nudge::generate {

namespace {

// Sums f(cart_adds, product_views, mobile) over the distribution of sessions.
template <typename Function>
double mean_over_sessions(Function function) {
  constexpr int kMost = 40;
  double total = 0, adds_weight = portable::exp(-SessionPurchase::kMeanCartAdds);
  for (int adds = 0; adds < kMost; adds_weight *= SessionPurchase::kMeanCartAdds / ++adds) {
    double views_weight = portable::exp(-SessionPurchase::kMeanFurtherViews);
    for (int views = 0; views < kMost; views_weight *= SessionPurchase::kMeanFurtherViews / ++views) {
      const double weight = adds_weight * views_weight;
      total += weight * SessionPurchase::kMobileShare * function(adds, 1 + views, true);
      total += weight * (1 - SessionPurchase::kMobileShare) * function(adds, 1 + views, false);
    }
  }
  return total;
}

}  // namespace

double SequenceRule::gap_weeks(Random& random) {
  double draw = random.unit();
  for (std::size_t i = 0; i < kPeaks.size(); ++i) {
    if (draw < kPeakShares[i]) return kPeaks[i] + 0.5 + random.normal() * kPeakSdWeeks;
    draw -= kPeakShares[i];
  }
  return random.unit() * kHorizonWeeks;
}

double SessionPurchase::mean_probability() { return mean_over_sessions(probability); }

double SessionPurchase::mean_page_views() {
  return mean_over_sessions(
      [](int adds, int views, bool mobile) { return 1 + adds + views + probability(adds, views, mobile); });
}

Micro Demand::price(std::uint64_t seed, std::int64_t week) {
  return kPrices[mix(mix(seed, 0xca), static_cast<std::uint64_t>(week)) % kPrices.size()];
}

double Demand::mean_units(Micro price) {
  return kUnits * portable::pow(static_cast<double>(price) / kReference, kElasticity);
}

}  // namespace nudge::generate
