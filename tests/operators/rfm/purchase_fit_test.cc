// The fit of BG/NBD and MBG/NBD: derivatives against differences, the published CDNOW figures, planted truth, and
// customers of whom the parameters cannot be told.
#include "operators/rfm/purchase_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "tests/operators/rfm/cdnow.h"

namespace nudge::rfm {
namespace {

constexpr PurchaseModel kModels[] = {PurchaseModel::kBgNbd, PurchaseModel::kMbgNbd};
constexpr Millis kNow = 730 * kDay;

PurchaseSample sample_of(const std::vector<Purchases>& customers, Millis now) {
  PurchaseCells cells;
  cells.advance(now);
  for (const Purchases& one : customers) cells.add(one, +1);
  return cells.sample(now);
}

PurchaseHistory history_of(const Purchases& one, Millis now) {
  const auto weeks = [](Millis duration) { return static_cast<double>(duration) / static_cast<double>(kWeek); };
  return {static_cast<double>(one.orders - 1), weeks(one.last_at - one.first_at), weeks(now - one.first_at)};
}

double exact_likelihood(PurchaseModel model, const PurchaseParameters& parameters,
                        const std::vector<Purchases>& customers, Millis now) {
  double sum = 0;
  for (const Purchases& one : customers) sum += log_likelihood(model, parameters, history_of(one, now));
  return sum;
}

// Customers as the model has them, who begin within two years.
std::vector<Purchases> shop(PurchaseModel model, const PurchaseParameters& own, int customers, unsigned seed) {
  std::mt19937_64 random(seed);
  std::gamma_distribution rates(own.r, 1 / own.alpha);
  std::gamma_distribution<> leaves(own.a), stays(own.b);
  std::vector<Purchases> all;
  for (int i = 0; i < customers; ++i) {
    std::exponential_distribution waits(std::max(rates(random), 1e-9));
    const double left = leaves(random), p = left / (left + stays(random));
    const auto may_leave = [&] { return std::uniform_real_distribution()(random) < p; };
    Purchases& one = all.emplace_back();
    one.first_at = one.last_at = static_cast<Millis>(random() % static_cast<std::uint64_t>(kNow));
    for (bool alive = model == PurchaseModel::kBgNbd || !may_leave(); alive; alive = !may_leave()) {
      const double wait = waits(random) * static_cast<double>(kWeek);
      if (wait > static_cast<double>(kNow - one.last_at)) break;
      one.last_at += static_cast<Millis>(wait);
      ++one.orders;
    }
  }
  return all;
}

TEST(PurchaseFit, SumsWhatTheModelSaysOfEachCustomer) {
  const PurchaseParameters own{0.4, 5, 0.7, 2};
  for (const PurchaseModel model : kModels) {
    // So few that none share a cell.
    const auto customers = shop(model, own, 12, 3);
    EXPECT_NEAR(likelihood_of(model, own, sample_of(customers, kNow)).value,
                exact_likelihood(model, own, customers, kNow), 1e-3)
        << "times are cut to minutes";
  }
}

TEST(PurchaseFit, HasTheDerivativesThatDifferencesSay) {
  const double logs[] = {-0.7, 1.4, -0.3, 0.8};
  for (const PurchaseModel model : kModels) {
    const PurchaseSample sample = sample_of(shop(model, {0.6, 5, 0.8, 2}, 500, 1), kNow);
    const auto at = [&](std::size_t place, double more) {
      double moved[4];
      for (std::size_t i = 0; i < 4; ++i) moved[i] = std::exp(logs[i] + (i == place ? more : 0));
      return likelihood_of(model, {moved[0], moved[1], moved[2], moved[3]}, sample);
    };
    const Curvature<4> here = at(0, 0);
    constexpr double kStep = 1e-5;
    for (std::size_t i = 0; i < 4; ++i) {
      const Curvature<4> above = at(i, kStep), below = at(i, -kStep);
      EXPECT_NEAR(here.first[i], (above.value - below.value) / (2 * kStep), 1e-5 * (1 + std::abs(here.first[i])));
      for (std::size_t j = 0; j < 4; ++j)
        EXPECT_NEAR(here.second[std::max(i, j)][std::min(i, j)], (above.first[j] - below.first[j]) / (2 * kStep), 1e-5)
            << i << " " << j;
    }
  }
}

// Fader, Hardie & Lee 2005, table 2, and the figures of methods for MBG.
TEST(PurchaseFit, ReachesThePublishedParametersOfCdnow) {
  const auto customers = cdnow_sample();
  if (!customers) GTEST_SKIP() << "../shared/data/cdnow is absent";
  ASSERT_EQ(customers->size(), 2'357u);
  const struct {
    PurchaseModel model;
    PurchaseParameters published;
    double log_likelihood, mean_alive;
  } rows[] = {{PurchaseModel::kBgNbd, {0.2426, 4.4135, 0.7929, 2.4258}, -9582.43, 0.813},
              {PurchaseModel::kMbgNbd, {0.5248, 6.183, 0.8914, 1.614}, -9582.13, 0.449}};
  for (const auto& row : rows) {
    SCOPED_TRACE(kPurchaseModelNames[static_cast<std::size_t>(row.model)]);
    const auto fit = fit_purchases(row.model, sample_of(*customers, kCdnowEnd), std::nullopt);
    ASSERT_TRUE(fit.has_value());
    const PurchaseParameters& found = fit->parameters;
    EXPECT_NEAR(found.r / row.published.r, 1, 3e-4);
    EXPECT_NEAR(found.alpha / row.published.alpha, 1, 1e-4);
    EXPECT_NEAR(found.a / row.published.a, 1, 1e-4);
    EXPECT_NEAR(found.b / row.published.b, 1, 1.5e-4);
    EXPECT_NEAR(exact_likelihood(row.model, found, *customers, kCdnowEnd), row.log_likelihood, 0.006);
    double alive = 0;
    for (const Purchases& one : *customers) alive += p_alive(row.model, found, history_of(one, kCdnowEnd));
    EXPECT_NEAR(alive / static_cast<double>(customers->size()), row.mean_alive, 6e-4);
  }
}

TEST(PurchaseFit, PredictsTheHoldoutOfCdnow) {
  const auto customers = cdnow_sample();
  if (!customers) GTEST_SKIP() << "../shared/data/cdnow is absent";
  const auto fit = fit_purchases(PurchaseModel::kBgNbd, sample_of(*customers, kCdnowEnd), std::nullopt);
  ASSERT_TRUE(fit.has_value());
  double expected = 0;
  for (const Purchases& one : *customers) {
    const PurchaseHistory history = history_of(one, kCdnowEnd);
    expected += p_alive(PurchaseModel::kBgNbd, fit->parameters, history) *
                orders_if_alive(PurchaseModel::kBgNbd, fit->parameters, history, 39);
  }
  EXPECT_NEAR(expected, 1653.4, 0.1);
}

TEST(PurchaseFit, FindsWhatWasPlanted) {
  const PurchaseParameters planted{0.6, 6, 0.8, 2};
  for (const PurchaseModel model : kModels)
    for (const unsigned seed : {1u, 2u, 3u}) {
      SCOPED_TRACE(seed);
      const auto customers = shop(model, planted, 20'000, seed);
      const PurchaseSample sample = sample_of(customers, kNow);
      const auto fit = fit_purchases(model, sample, std::nullopt);
      ASSERT_TRUE(fit.has_value());
      EXPECT_NEAR(std::log(fit->parameters.r / planted.r), 0, 0.12);
      EXPECT_NEAR(std::log(fit->parameters.alpha / planted.alpha), 0, 0.12);
      EXPECT_NEAR(std::log(fit->parameters.a / planted.a), 0, 0.25);
      EXPECT_NEAR(std::log(fit->parameters.b / planted.b), 0, 0.25);

      // It is the maximum for the customers themselves, too, though they were put into cells.
      const double best = exact_likelihood(model, fit->parameters, customers, kNow);
      for (double PurchaseParameters::*one :
           {&PurchaseParameters::r, &PurchaseParameters::alpha, &PurchaseParameters::a, &PurchaseParameters::b})
        for (const double factor : {0.97, 1.03}) {
          PurchaseParameters other = fit->parameters;
          other.*one *= factor;
          EXPECT_LT(exact_likelihood(model, other, customers, kNow), best);
        }

      // From nearby the same place is found.
      const auto again = fit_purchases(model, sample, PurchaseParameters{0.5, 5, 1, 2.5});
      ASSERT_TRUE(again.has_value());
      EXPECT_NEAR(again->parameters.b / fit->parameters.b, 1, 1e-5);
    }
}

// Nobody leaves; nobody comes back; all are alike. The likelihood has no inner maximum, and the fit an end.
TEST(PurchaseFit, ComesToAnEndWhereThereIsNoMaximum) {
  std::vector<Purchases> loyal, once, alike;
  for (int i = 0; i < 300; ++i) {
    const Millis first = i * kDay;
    loyal.push_back({static_cast<std::uint64_t>(2 + (kNow - first) / (10 * kDay)), first, kNow - kHour, 0});
    once.push_back({1, first, first, 0});
    alike.push_back({20, first, first + 200 * kDay, 0});
  }
  for (const PurchaseModel model : kModels)
    for (const auto* customers : {&loyal, &once, &alike}) {
      const auto fit = fit_purchases(model, sample_of(*customers, kNow), std::nullopt);
      ASSERT_TRUE(fit.has_value());
      for (const auto one :
           {&PurchaseParameters::r, &PurchaseParameters::alpha, &PurchaseParameters::a, &PurchaseParameters::b}) {
        EXPECT_GE(fit->parameters.*one, 0.999 * kParametersLeast.*one);
        EXPECT_LE(fit->parameters.*one, 1.001 * kParametersMost.*one);
      }
    }
  const auto fit = fit_purchases(PurchaseModel::kMbgNbd, sample_of(loyal, kNow), std::nullopt);
  EXPECT_GT(p_alive(PurchaseModel::kMbgNbd, fit->parameters, history_of(loyal[0], kNow)), 0.99);
}

}  // namespace
}  // namespace nudge::rfm
