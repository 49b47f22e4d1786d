// What is stored of a task's changes: at every commit what they are, at the price of what is new, in bounded room.
#include "operators/segments/change_log.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/fake_customer.h"
#include "tests/support/stored_pieces.h"

namespace nudge::segments {
namespace {

constexpr std::uint64_t kFirst = std::uint64_t{7} << 32;
const GridShifts kShifts = {kFractionBits, kFractionBits - 2};

std::string encoded(const Changes& changes) {
  std::string bytes;
  Encoder out(bytes);
  encode_panes(changes.panes, out);
  changes.products.encode(out);
  changes.purchases.encode(out);
  return bytes;
}

// A task's changes and their log, as a keeper has them.
struct Desk {
  Changes changes;
  ChangeLog log;
  testing::StoredPieces stored;

  void count(std::int64_t number, const Point& point, int sign) {
    MicroClusters& clusters = pane(changes.panes, number, kShifts);
    sign > 0 ? clusters.add(point) : clusters.remove(point);
    log.point(number, point, sign, changes);
  }
  void sell(const Event& sale) {
    ProductSales sold;
    sold.apply(sale);
    changes.products.merge(sold);
    log.sales(sold, changes);
    Purchases bought;
    bought.add(sale, {sale.time() / kWeek, 1, 2}, 1);
    changes.purchases.merge(bought);
    log.purchases(bought, changes);
  }
  void settle() {
    changes.clear();
    log.clear();
  }
  // What the commit put.
  std::size_t commit() {
    const std::size_t before = stored.bytes_put();
    log.write(changes, kFirst, stored);
    return stored.bytes_put() - before;
  }
  std::size_t stored_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [number, piece] : stored.pieces()) bytes += piece.size();
    return bytes;
  }
  // As after a restart; whether nothing was damaged.
  bool reload() {
    changes = {};
    log = {};
    for (const auto& [number, piece] : stored.pieces())
      if (!log.read(piece, kShifts, changes)) return false;
    return true;
  }
};

Point random_point(std::mt19937& random, int span) {
  Point point;
  for (std::size_t j = 0; j < kShifts.size(); ++j)
    point.y.push_back(to_fixed(static_cast<double>(random() % 1'000) / 1'000 * span));
  point.value = random() % 1'000;
  return point;
}

TEST(ChangeLog, WhatIsStoredIsWhatHasChanged) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    testing::JsonEvents events;
    Desk desk;
    for (int commit = 0; commit < 60; ++commit) {
      for (unsigned left = random() % 300; left > 0; --left) {
        if (random() % 4 > 0) {
          desk.count(static_cast<std::int64_t>(random() % 3), random_point(random, 8), random() % 3 == 0 ? -1 : 1);
        } else {
          desk.sell(events(Topic::kTransactions,
                           R"({"event_id":"e","event_time":)" + std::to_string(random() % 50 * kDay) +
                               R"(,"customer_id":"c","transaction_id":"t","kind":"sale","lines":[{"product_id":"p)" +
                               std::to_string(random() % 20) + R"(","quantity":1,"unit_price":3}]})"));
        }
      }
      if (random() % 20 == 0) desk.settle();
      desk.commit();
      const std::string now = encoded(desk.changes);
      ASSERT_TRUE(desk.reload());
      ASSERT_EQ(encoded(desk.changes), now);
    }
    desk.settle();
    desk.commit();
    EXPECT_TRUE(desk.stored.pieces().empty());
  }
}

TEST(ChangeLog, ACommitWritesWhatIsNew) {
  std::mt19937 random(1);
  Desk desk;
  for (int i = 0; i < 20'000; ++i) desk.count(0, random_point(random, 200), 1);
  desk.commit();
  ASSERT_GT(desk.stored_bytes(), 200'000u);
  for (int commit = 0; commit < 100; ++commit) {
    desk.count(0, random_point(random, 200), 1);
    EXPECT_LT(desk.commit(), 5'000u);
  }
}

// A few customers who move for ever are a few groups.
TEST(ChangeLog, TakesNoMoreRoomThanWhatItComesTo) {
  std::mt19937 random(1);
  Desk desk;
  std::size_t put = 0;
  for (int i = 0; i < 200'000; ++i) {
    desk.count(0, random_point(random, 3), i % 2 == 0 ? 1 : -1);
    if (i % 10'000 == 0) put += desk.commit();
  }
  put += desk.commit();
  EXPECT_LT(desk.stored_bytes(), 100'000u);
  EXPECT_LT(put, 1'500'000u);
}

TEST(ChangeLog, RefusesBytesThatItDidNotWrite) {
  ChangeLog log;
  Changes changes;
  EXPECT_FALSE(log.read("\x07", kShifts, changes));
  EXPECT_FALSE(log.read(std::string_view("\x00\x02\x01", 3), kShifts, changes));
}

}  // namespace
}  // namespace nudge::segments
