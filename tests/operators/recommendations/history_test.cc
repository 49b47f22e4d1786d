#include "operators/recommendations/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace nudge::recommendations {
namespace {

std::string bytes_of(const History& history) {
  std::string bytes;
  Encoder out(bytes);
  history.encode(out);
  return bytes;
}

Purchase purchase(Millis time, std::uint64_t transaction, std::vector<ItemHash> items) {
  return {time, transaction, std::move(items)};
}

TEST(History, IsTheSameInAnyOrderAndWithoutWhatWasTakenBack) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<Purchase> all;
    for (std::uint64_t i = 0; i < 60; ++i)
      all.push_back(purchase(static_cast<Millis>(random() % 20), i, {random() % 5, 10 + random() % 5}));
    History in_order, shuffled;
    std::vector<Purchase> taken_back(all.begin() + 40, all.end());
    all.resize(40);
    for (const Purchase& each : all) in_order.add_purchase(each);
    std::vector<Purchase> mixed = all;
    mixed.insert(mixed.end(), taken_back.begin(), taken_back.end());
    std::shuffle(mixed.begin(), mixed.end(), random);
    for (const Purchase& each : mixed) shuffled.add_purchase(each);
    for (const Purchase& each : taken_back) shuffled.remove_purchase(each.time, each.transaction);
    EXPECT_EQ(bytes_of(in_order), bytes_of(shuffled));
  }
}

TEST(History, KeepsTheNewestAndKnowsWhatWasInTheOthers) {
  History history;
  for (std::uint64_t i = 0; i < History::kPurchasesMost + 3; ++i)
    history.add_purchase(purchase(static_cast<Millis>(i), i, {1'000 + i}));
  ASSERT_EQ(history.purchases().size(), History::kPurchasesMost);
  EXPECT_EQ(history.purchases().front().time, 3);
  EXPECT_EQ(history.earlier(), (std::vector<ItemHash>{1'000, 1'001, 1'002}));
  history.add_purchase(purchase(1, 500, {7}));  // known late
  EXPECT_EQ(history.purchases().front().time, 3);
  EXPECT_EQ(history.earlier().front(), 7u);
}

TEST(History, DecodesToTheSameBytesAndRefusesOthers) {
  History history;
  history.add_purchase(purchase(5, 1, {3, 9}));
  history.add_purchase(purchase(8, 2, {3}));
  history.add_return(purchase(9, 3, {9}));
  history.sent = {3, 60};
  const std::string bytes = bytes_of(history);
  const auto read = History::decode(History::kVersion, bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(bytes_of(static_cast<const History&>(*read)), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(History::decode(History::kVersion, std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(History::decode(History::kVersion + 1, bytes));
}

}  // namespace
}  // namespace nudge::recommendations
