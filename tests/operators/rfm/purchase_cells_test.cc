// Cells of customers: neither order, tasks nor the time of counting show; who goes is forgotten; a sample has the
// moments of the customers that it stands for.
#include "operators/rfm/purchase_cells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace nudge::rfm {
namespace {

constexpr Millis kNow = 1'000 * kDay;

Purchases random_purchases(std::mt19937_64& random, Millis begin = 0) {
  Purchases one;
  one.first_at = begin + static_cast<Millis>(random() % static_cast<std::uint64_t>(kNow - begin));
  one.last_at = one.first_at;
  if (random() % 2 == 0) return one;
  one.orders = 2 + random() % (1 + random() % 60);
  one.last_at += static_cast<Millis>(random() % static_cast<std::uint64_t>(kNow - one.first_at));
  return one;
}

std::string bytes_of(const PurchaseCells& cells) {
  std::string bytes;
  Encoder encoder(bytes);
  cells.encode(encoder);
  return bytes;
}

double weeks(Millis duration) { return static_cast<double>(duration) / static_cast<double>(kWeek); }

TEST(PurchaseCells, NeitherOrderTasksNorTimeShow) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::vector<Purchases> customers;
    for (unsigned i = 0; i < 20 * seed; ++i) customers.push_back(random_purchases(random));
    PurchaseCells at_once;
    at_once.advance(kNow);
    for (const Purchases& one : customers) at_once.add(one, +1);

    // As tasks do, from epoch to epoch, with customers who go again.
    std::shuffle(customers.begin(), customers.end(), random);
    const std::size_t tasks = 1 + random() % 4;
    std::vector<PurchaseCells> cells(tasks);
    Millis now = 0;
    for (std::size_t i = 0; i < customers.size(); ++i) {
      cells[random() % tasks].add(customers[i], +1);
      const Purchases guest = random_purchases(random);
      cells[random() % tasks].add(guest, +1);
      cells[random() % tasks].add(guest, -1);
      if (random() % 10 != 0) continue;
      now += static_cast<Millis>(random() % static_cast<std::uint64_t>(kNow - now));
      for (PurchaseCells& task : cells) task.advance(now);
    }
    PurchaseCells all;
    for (const PurchaseCells& task : cells) all.merge(task);
    all.advance(kNow);
    EXPECT_EQ(all, at_once);
    EXPECT_EQ(bytes_of(all), bytes_of(at_once));
    EXPECT_EQ(all.customers(), static_cast<std::int64_t>(customers.size()));
    EXPECT_EQ(all.repeat_customers(),
              std::count_if(customers.begin(), customers.end(), [](const Purchases& one) { return one.orders > 1; }));

    for (const Purchases& one : customers) all.add(one, -1);
    EXPECT_EQ(all.size(), 0u);
  }
}

TEST(PurchaseCells, OfOneCustomerAreExactToTheMinute) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const Purchases one = random_purchases(random);
    PurchaseCells cells;
    cells.add(one, +1);
    cells.advance(kNow);
    const PurchaseSample sample = cells.sample(kNow);
    ASSERT_EQ(sample.histories.size(), 1u);
    ASSERT_EQ(sample.counts.size(), 1u);
    EXPECT_EQ(sample.histories[0].weight, 1);
    EXPECT_EQ(sample.histories[0].x, static_cast<double>(one.orders - 1));
    EXPECT_EQ(sample.counts[0].x, static_cast<double>(one.orders - 1));
    EXPECT_NEAR(sample.histories[0].t_x, weeks(one.last_at - one.first_at), weeks(kMinute));
    EXPECT_NEAR(sample.histories[0].T, weeks(kNow - one.first_at), weeks(kMinute));
  }
}

struct Moments {
  double n = 0, x = 0, t_x = 0, T = 0, t_x_t_x = 0, T_T = 0, t_x_T = 0, x_x = 0;
  void add(double weight, double orders, double last, double now) {
    n += weight;
    x += weight * orders;
    t_x += weight * last;
    T += weight * now;
    t_x_t_x += weight * last * last;
    T_T += weight * now * now;
    t_x_T += weight * last * now;
  }
};

TEST(PurchaseCells, ASampleHasTheMomentsOfItsCustomers) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    PurchaseCells cells;
    cells.advance(kNow);
    Moments whole, points;
    for (int i = 0; i < 5'000; ++i) {
      const Purchases one = random_purchases(random, 100 * kDay);
      // None so new, or so soon back, that a point would lie before its beginning.
      if (kNow - one.first_at < 8 * kDay || (one.orders > 1 && one.last_at - one.first_at < 16 * kDay)) continue;
      cells.add(one, +1);
      const auto orders = static_cast<double>(one.orders - 1);
      whole.add(1, orders, weeks(one.last_at - one.first_at), weeks(kNow - one.first_at));
      whole.x_x += orders * orders;
    }
    const PurchaseSample sample = cells.sample(kNow);
    EXPECT_LT(cells.size(), 4'000u);
    for (const WeightedHistory& point : sample.histories) points.add(point.weight, point.x, point.t_x, point.T);
    EXPECT_NEAR(points.n, whole.n, 1e-9 * whole.n);
    EXPECT_NEAR(points.x, whole.x, 1e-9 * whole.x);
    EXPECT_NEAR(points.t_x, whole.t_x, 1e-4 * whole.n) << "minutes are cut";
    EXPECT_NEAR(points.T, whole.T, 1e-4 * whole.n);
    EXPECT_NEAR(points.t_x_t_x, whole.t_x_t_x, 1e-4 * whole.t_x_t_x);
    EXPECT_NEAR(points.T_T, whole.T_T, 1e-4 * whole.T_T);
    EXPECT_NEAR(points.t_x_T, whole.t_x_T, 1e-4 * whole.t_x_T);
    double customers = 0, orders = 0, squares = 0;
    for (const auto& [x, weight] : sample.counts) {
      customers += weight;
      orders += weight * x;
      squares += weight * x * x;
    }
    EXPECT_NEAR(customers, whole.n, 1e-9 * whole.n);
    EXPECT_NEAR(orders, whole.x, 1e-9 * whole.x);
    EXPECT_NEAR(squares, whole.x_x, 1e-9 * whole.x_x);
  }
}

TEST(PurchaseCells, AreNotManyHoweverManyCustomers) {
  // Spread as widely as can be; in a shop many cells stay empty.
  std::mt19937_64 random(1);
  PurchaseCells cells;
  cells.advance(kNow);
  std::size_t sizes[3] = {};
  for (std::size_t& size : sizes) {
    for (int i = 0; i < 300'000; ++i) cells.add(random_purchases(random), +1);
    size = cells.size();
  }
  EXPECT_LT(sizes[2], 40'000u);
  EXPECT_LT(2 * (sizes[2] - sizes[1]), sizes[1] - sizes[0]) << "it comes to an end";
}

// A clock that runs ahead, orders of the future, and a customer of a thousand years.
TEST(PurchaseCells, StandOddTimes) {
  PurchaseCells cells;
  cells.advance(kNow);
  cells.add({1, kNow + kDay, kNow + kDay, 0}, +1);
  cells.add({3'000'000, 0, kLastTime, 0}, +1);
  cells.advance(kNow - kWeek);
  const PurchaseSample sample = cells.sample(kNow);
  ASSERT_EQ(sample.histories.size(), 2u);
  EXPECT_EQ(sample.histories[0].T, 0) << "not before the first order";
  EXPECT_EQ(sample.histories[1].x, 2'999'999);
  cells.add({1, kNow + kDay, kNow + kDay, 0}, -1);
  cells.advance(kLastTime);
  cells.add({3'000'000, 0, kLastTime, 0}, -1);
  EXPECT_EQ(cells.size(), 0u);
}

TEST(PurchaseCells, BytesRoundTripAndOthersAreRefused) {
  std::mt19937_64 random(7);
  PurchaseCells cells;
  cells.advance(kNow);
  for (int i = 0; i < 500; ++i) cells.add(random_purchases(random), i % 3 == 0 ? -1 : +1);
  const std::string bytes = bytes_of(cells);
  PurchaseCells decoded;
  Decoder decoder(bytes);
  ASSERT_TRUE(decoded.decode(decoder) && decoder.at_end());
  EXPECT_EQ(decoded, cells);
  EXPECT_EQ(bytes_of(decoded), bytes);
  PurchaseCells cut;
  Decoder short_decoder(std::string_view(bytes).substr(0, bytes.size() - 1));
  EXPECT_FALSE(cut.decode(short_decoder));
}

}  // namespace
}  // namespace nudge::rfm
