// BG/NBD and MBG/NBD by hand for one order, and by brute force over what each customer may be like for more.
#include "operators/rfm/purchase_model.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace nudge::rfm {
namespace {

constexpr PurchaseModel kModels[] = {PurchaseModel::kBgNbd, PurchaseModel::kMbgNbd};

double beta(double a, double b) { return std::exp(std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b)); }

// Of a customer with the rate λ who leaves with probability p after an order: the density of x repeat orders, the last
// at t_x, and no other until T; alone and together with being alive at T.
struct Density {
  double any = 0, alive = 0;
};
Density density_of(PurchaseModel model, const PurchaseHistory& history, double rate, double p) {
  const double chances = chances_to_leave(model, history.x), orders = std::pow(rate, history.x);
  Density density;
  density.alive = orders * std::pow(1 - p, chances) * std::exp(-rate * history.T);
  density.any = density.alive;
  if (chances > 0) density.any += orders * std::pow(1 - p, chances - 1) * p * std::exp(-rate * history.t_x);
  return density;
}

// Sums over rates and probabilities, whose logarithm and logit go in even steps.
template <typename Function>
double over_all_customers(const PurchaseParameters& own, Function function) {
  double sum = 0;
  constexpr double kStep = 0.08;
  for (double u = -60; u <= 6; u += kStep) {
    const double rate = std::exp(u);
    const double of_rate = std::exp(own.r * std::log(own.alpha * rate) - own.alpha * rate - std::lgamma(own.r));
    for (double v = -45; v <= 30; v += kStep) {
      const double p = 1 / (1 + std::exp(-v));
      const double of_p = std::pow(p, own.a) * std::pow(1 - p, own.b) / beta(own.a, own.b);
      sum += kStep * kStep * of_rate * of_p * function(rate, p);
    }
  }
  return sum;
}

TEST(PurchaseModel, OfOneOrderIsSimple) {
  const PurchaseParameters own{0.5, 4, 0.75, 1.5};
  const PurchaseHistory history{0, 0, 12};
  // Nobody has had a chance to leave: (α / (α + T))^r.
  EXPECT_NEAR(log_likelihood(PurchaseModel::kBgNbd, own, history), std::log(0.5), 1e-14);
  EXPECT_EQ(p_alive(PurchaseModel::kBgNbd, own, history), 1);
  // One third left at once, so that 2/3 · 1/2 are alive, 1/3 gone.
  EXPECT_NEAR(log_likelihood(PurchaseModel::kMbgNbd, own, history), std::log(2.0 / 3), 1e-14);
  EXPECT_NEAR(p_alive(PurchaseModel::kMbgNbd, own, history), 0.5, 1e-14);
}

TEST(PurchaseModel, OfTwoOrdersByHand) {
  // After one repeat order BG has 3/4 of customers stay: alive is r α^r / (α + T)^(r+1) · 3/4, gone the same with t_x ·
  // 1/4.
  const PurchaseParameters own{1, 2, 1, 3};
  const PurchaseHistory history{1, 2, 6};
  const double alive = 2.0 / 64 * 3 / 4, gone = 2.0 / 16 / 4;
  EXPECT_NEAR(log_likelihood(PurchaseModel::kBgNbd, own, history), std::log(alive + gone), 1e-14);
  EXPECT_NEAR(p_alive(PurchaseModel::kBgNbd, own, history), alive / (alive + gone), 1e-14);
}

TEST(PurchaseModel, IsWhatItsDefinitionSaysByBruteForce) {
  const PurchaseParameters own{0.6, 5, 0.8, 2.2};
  const PurchaseHistory histories[] = {{0, 0, 3}, {0, 0, 40}, {1, 5, 6}, {2, 3, 30}, {7, 20, 22}, {12, 10, 39}};
  for (const PurchaseModel model : kModels)
    for (const PurchaseHistory& history : histories) {
      SCOPED_TRACE(testing::Message() << kPurchaseModelNames[static_cast<std::size_t>(model)] << " x " << history.x);
      const double any =
          over_all_customers(own, [&](double rate, double p) { return density_of(model, history, rate, p).any; });
      const double alive =
          over_all_customers(own, [&](double rate, double p) { return density_of(model, history, rate, p).alive; });
      constexpr double kAhead = 13;
      const double orders = over_all_customers(own, [&](double rate, double p) {
        return density_of(model, history, rate, p).alive * -std::expm1(-rate * p * kAhead) / p;
      });
      EXPECT_NEAR(log_likelihood(model, own, history), std::log(any), 1e-8);
      EXPECT_NEAR(p_alive(model, own, history), alive / any, 1e-8);
      EXPECT_NEAR(orders_if_alive(model, own, history, kAhead), orders / alive, 1e-7 * orders / alive);
    }
}

TEST(PurchaseModel, StandsExtremes) {
  for (const PurchaseModel model : kModels) {
    const PurchaseParameters own{0.5, 1e-5, 1e-5, 1e5};
    const double sure = p_alive(model, own, {5'000, 500, 500});
    EXPECT_TRUE(sure > 0.999 && sure <= 1) << sure;
    EXPECT_EQ(p_alive(model, {0.5, 1e-5, 1, 1}, {5'000, 1, 5'000}), 0) << "hardly gone by chance";
    EXPECT_TRUE(std::isfinite(log_likelihood(model, own, {5'000, 1, 5'000})));
    EXPECT_GE(orders_if_alive(model, own, {5'000, 1, 5'000}, 13), 0);
  }
}

}  // namespace
}  // namespace nudge::rfm
