// OrderHistory against all orders in a sorted list.
#include "operators/rfm/order_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "tests/support/stored_pieces.h"

namespace nudge::rfm {
namespace {

constexpr double kDayMillis = static_cast<double>(kDay);

std::vector<double> gaps_in_days(std::vector<Order> orders) {
  std::sort(orders.begin(), orders.end());
  std::vector<double> gaps;
  for (std::size_t i = 1; i < orders.size(); ++i)
    gaps.push_back(static_cast<double>(orders[i].at - orders[i - 1].at) / kDayMillis);
  return gaps;
}

void expect_intervals(const OrderHistory& history, const std::vector<Order>& orders) {
  const std::vector<double> gaps = gaps_in_days(orders);
  ASSERT_EQ(history.interval_mean_days().has_value(), !gaps.empty());
  ASSERT_EQ(history.interval_deviation_days().has_value(), gaps.size() > 1);
  if (gaps.empty()) return;
  double sum = 0, squares = 0;
  for (const double gap : gaps) sum += gap;
  const double mean = sum / static_cast<double>(gaps.size());
  for (const double gap : gaps) squares += (gap - mean) * (gap - mean);
  EXPECT_NEAR(*history.interval_mean_days(), mean, 1e-9 * std::max(1.0, mean));
  EXPECT_NEAR(*history.last_interval_days(), gaps.back(), 1e-9);
  if (gaps.size() > 1) {
    const double deviation = std::sqrt(squares / static_cast<double>(gaps.size() - 1));
    EXPECT_NEAR(*history.interval_deviation_days(), deviation, 1e-9 * std::max(1.0, deviation));
  }
}

std::string bytes_of(const OrderHistory& history) {
  std::string bytes;
  Encoder encoder(bytes);
  history.encode(encoder);
  return bytes;
}

// As it comes back from the store; the pieces that it says have changed are added to those stored.
OrderHistory stored_and_read(OrderHistory& history, testing::StoredPieces& stored) {
  history.write_pieces(stored);
  const std::string bytes = bytes_of(history);
  OrderHistory read;
  Decoder decoder(bytes);
  EXPECT_TRUE(read.decode(decoder) && decoder.at_end());
  EXPECT_TRUE(stored.read_into(read));
  EXPECT_EQ(bytes_of(read), bytes);
  return read;
}

TEST(OrderHistory, IntervalsOfHandWorkedOrders) {
  const struct {
    const char* name;
    std::vector<Millis> days;
    std::optional<double> mean, deviation;
  } rows[] = {
      {"no order", {}, {}, {}},
      {"one order has no interval", {7}, {}, {}},
      {"two have no deviation", {1, 4}, 3.0, {}},
      {"a late order splits a gap", {0, 10, 4}, 5.0, std::sqrt(2.0)},
      {"two at once lie no day apart", {5, 5, 9}, 2.0, std::sqrt(8.0)},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    OrderHistory history;
    for (const Millis day : row.days) history.add({day * kDay, 0});
    EXPECT_EQ(history.interval_mean_days(), row.mean);
    ASSERT_EQ(history.interval_deviation_days().has_value(), row.deviation.has_value());
    if (row.deviation) {
      EXPECT_DOUBLE_EQ(*history.interval_deviation_days(), *row.deviation);
    }
  }
}

TEST(OrderHistory, AnyAddsAndRemovesEqualTheOrdersThatRemain) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    OrderHistory history;
    std::vector<Order> orders;
    for (int step = 0; step < 60; ++step) {
      if (!orders.empty() && random() % 3 == 0) {
        const auto gone = orders.begin() + static_cast<std::ptrdiff_t>(random() % orders.size());
        EXPECT_TRUE(history.remove(*gone));
        orders.erase(gone);
      } else {
        orders.push_back(
            {static_cast<Millis>(random() % (random() % 2 ? 50 : kLastTime)), static_cast<Micro>(random() % 9)});
        EXPECT_TRUE(history.add(orders.back()));
      }
      ASSERT_EQ(history.count(), orders.size());
      expect_intervals(history, orders);
      const Millis bound = static_cast<Millis>(random() % 60);
      std::size_t after = 0;
      double value = 0;
      for (const Order& order : orders)
        if (order.at > bound) ++after, value += static_cast<double>(order.value) / 1e6;
      EXPECT_EQ(history.count_after(bound), after);
      EXPECT_NEAR(history.value_after(bound), value, 1e-9);
    }
    std::shuffle(orders.begin(), orders.end(), random);
    OrderHistory again;
    for (const Order& order : orders) again.add(order);
    EXPECT_EQ(bytes_of(again), bytes_of(history));
    testing::StoredPieces stored;
    EXPECT_EQ(stored_and_read(history, stored), history);
  }
}

TEST(OrderHistory, OnlyPiecesThatChangedAreStored) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    OrderHistory history;
    testing::StoredPieces stored;
    std::vector<Order> orders;
    Millis at = kDay;
    for (int commit = 0; commit < 60; ++commit) {
      for (std::size_t left = random() % 40; left > 0; --left) {
        if (!orders.empty() && random() % 8 == 0) {
          const std::size_t place = random() % orders.size();
          history.remove(orders[place]);
          orders.erase(orders.begin() + static_cast<std::ptrdiff_t>(place));
        }
        at += static_cast<Millis>(random() % kDay);
        orders.push_back({random() % 8 == 0 ? at / 2 : at, static_cast<Micro>(random() % 1000)});
        history.add(orders.back());
      }
      OrderHistory read = stored_and_read(history, stored);
      ASSERT_EQ(read, history);
      if (random() % 2) history = std::move(read);  // as after a restart
      expect_intervals(history, orders);
    }
  }
}

TEST(OrderHistory, AnOrderCostsNoMoreInALongHistory) {
  OrderHistory history;
  testing::StoredPieces stored;
  Millis at = kDay;
  for (std::size_t i = 0; i < 2 * OrderHistory::kKept; ++i) {
    history.add({at += kHour, 25'000'000});
    history.write_pieces(stored);
  }
  EXPECT_LT(stored.bytes_put(), 2 * OrderHistory::kKept * 16);
  EXPECT_LT(bytes_of(history).size(), 500u);
  EXPECT_EQ(stored_and_read(history, stored), history);
}

TEST(OrderHistory, MoreOrdersThanAreKeptStayExactInOrder) {
  std::mt19937_64 random(7);
  OrderHistory history;
  std::vector<Order> orders;
  Millis at = kDay;
  for (std::size_t i = 0; i < 3 * OrderHistory::kKept; ++i) {
    at += static_cast<Millis>(random() % kDay);
    orders.push_back({at, 1});
    ASSERT_TRUE(history.add(orders.back()));
  }
  ASSERT_EQ(history.count(), orders.size());
  EXPECT_EQ(history.first(), orders.front().at);
  EXPECT_EQ(history.last(), orders.back().at);
  expect_intervals(history, orders);
  testing::StoredPieces stored;
  EXPECT_EQ(stored_and_read(history, stored), history);

  EXPECT_TRUE(history.remove(orders.back()));
  orders.pop_back();
  expect_intervals(history, orders);
  EXPECT_FALSE(history.add({5, 1})) << "older than all that is kept: counted, its gap is not split";
  EXPECT_EQ(history.count(), orders.size() + 1);
  EXPECT_EQ(history.first(), 5);
  EXPECT_FALSE(history.remove({5, 1}));
  for (const Order& order : orders) history.remove(order);
  EXPECT_EQ(history.count(), 0u);
}

}  // namespace
}  // namespace nudge::rfm
