// Expected orders of who is alive: against figures of 60 digits (mpmath's hyp2f1), the ways against each other on
// random customers, and the definition by brute force.
#include "operators/rfm/orders_ahead.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace nudge::rfm {
namespace {

TEST(OrdersAhead, IsRight) {
  const struct {
    const char* name;
    AliveCustomer customer;
    double ahead, expected;
  } rows[] = {
      {"new, BG", {0.2426, 4.4135, 0.7929, 2.4258}, 12.857142857142858, 0.52899384771722413},
      {"one-time, BG", {0.2426, 43.28, 0.7929, 2.4258}, 39, 0.19476017701562418},
      {"two repeat orders", {2.2426, 43.28, 0.7929, 4.4258}, 39, 1.6869545794620033},
      {"new, MBG, a year", {0.5248, 6.183, 0.8914, 2.614}, 52.142857142857146, 2.206033889714734},
      {"a hundred orders", {100.5, 60, 0.9, 102.6}, 12.857142857142858, 19.734750176955611},
      {"the pole of the formula", {5, 3, 1, 2}, 10, 4.7245114915543856},
      {"near the pole", {5, 3, 1.0000001, 2}, 10, 4.7245110874023702},
      {"all leave alike", {3.5, 50, 300, 1000}, 13, 0.79948127815986229},
      {"far ahead", {0.5, 0.01, 0.3, 1.2}, 52, 284.47470876690259},
      {"hardly anybody leaves", {0.02, 4, 0.001, 50}, 12, 0.05999823121740096},
      {"a thousand orders", {1000.5, 60, 2.5, 1004}, 52, 406.5804187095099},
      {"BG, c = 0", {0.4, 5, 0.3, 0.7}, 13, 0.7734879906096105},
      {"BG, c < 0", {0.4, 5, 0.3, 0.2}, 13, 0.60425317990453891},
      {"nobody leaves", {1e-4, 5, 1e-4, 1e4}, 13, 0.00025999999662024777},
      {"half leave", {2, 10, 1e5, 1e5}, 13, 1.2653828064488156},
      {"all order alike", {1e5, 1e5, 5, 5}, 13, 2.2115881665955942},
      {"all order often", {1e5, 1e3, 0.5, 5}, 52, 305.66151579076666},
      {"forty orders in a day", {40.5, 0.2, 0.8, 42}, 52, 422.99584604373439},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_NEAR(orders_ahead(row.customer, row.ahead) / row.expected, 1, 1e-10);
    EXPECT_NEAR(orders_ahead_by_integral(row.customer, row.ahead) / row.expected, 1, 1e-13);
    for (const auto series : {orders_ahead_by_pfaff, orders_ahead_by_gauss, orders_ahead_by_euler}) {
      const auto value = series(row.customer, row.ahead);
      if (value) {
        EXPECT_NEAR(*value / row.expected, 1, 1e-10);
      }
    }
  }
}

TEST(OrdersAhead, IsTheSameBySeriesAndByIntegral) {
  int answered = 0;
  for (unsigned seed = 1; seed <= 3'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto between = [&](double least, double most) {
      return std::exp(std::uniform_real_distribution(std::log(least), std::log(most))(random));
    };
    const double orders = static_cast<double>(random() % 3 == 0 ? random() % 200 : random() % 4);
    const AliveCustomer customer{between(1e-3, 50) + orders, between(1e-2, 300), between(1e-5, 1e3),
                                 between(1e-3, 1e4) + orders};
    const double ahead = between(1, 100), integral = orders_ahead_by_integral(customer, ahead);
    EXPECT_NEAR(orders_ahead(customer, ahead) / integral, 1, 1e-10);
    EXPECT_LE(integral, customer.shape / customer.rate * ahead * (1 + 1e-12)) << "of who cannot leave";
    for (const auto series : {orders_ahead_by_pfaff, orders_ahead_by_gauss, orders_ahead_by_euler})
      if (const auto value = series(customer, ahead)) {
        EXPECT_NEAR(*value / integral, 1, 1e-10);
        ++answered;
      }
  }
  EXPECT_GT(answered, 3'000);
}

// Customers with chosen rates and chances, who order until they leave.
TEST(OrdersAhead, IsWhatCustomersDo) {
  const AliveCustomer customer{2, 4, 1.5, 3};
  constexpr double kAhead = 8;
  constexpr int kCustomers = 200'000;
  std::mt19937_64 random(1);
  std::gamma_distribution rates(customer.shape, 1 / customer.rate);
  std::gamma_distribution<> leaves(customer.a), stays(customer.stayed);
  double sum = 0, squares = 0;
  for (int i = 0; i < kCustomers; ++i) {
    std::exponential_distribution waits(rates(random));
    const double left = leaves(random), p = left / (left + stays(random));
    int orders = 0;
    for (double at = waits(random); at <= kAhead; at += waits(random)) {
      ++orders;
      if (std::uniform_real_distribution()(random) < p) break;
    }
    sum += orders;
    squares += static_cast<double>(orders) * orders;
  }
  const double mean = sum / kCustomers, error = std::sqrt((squares / kCustomers - mean * mean) / kCustomers);
  EXPECT_NEAR(orders_ahead(customer, kAhead), mean, 4 * error);
}

}  // namespace
}  // namespace nudge::rfm
