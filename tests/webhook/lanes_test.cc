// Lanes against their promises, on random arrivals and outcomes: each item once, in its customer's order, and nobody
// held up by another customer.
#include "connectors/webhook/lanes.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

namespace nudge::connectors::webhook {
namespace {

TEST(Lanes, EachCustomersItemsInOrder) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&](int n) { return std::uniform_int_distribution<>(0, n - 1)(random); };
    Lanes<int> lanes(5, 20);
    std::map<std::string, std::vector<int>> added, done;
    std::set<std::string> under_way;
    TimePoint now{};
    for (int number = 0, steps = 0; steps < 2000 || !lanes.empty(); ++steps) {
      now += std::chrono::milliseconds(below(5));
      if (steps < 2000 && lanes.room() > 0 && below(2) == 0) {
        const std::string customer(1, static_cast<char>('a' + below(8)));
        lanes.add(customer, number);
        added[customer].push_back(number++);
      }
      ASSERT_LE(lanes.items(), 20u);
      if (const auto customer = lanes.take(now); customer && below(6) > 0) {
        ASSERT_TRUE(under_way.insert(*customer).second) << "taken twice at once";
      } else if (customer) {
        lanes.give_back(*customer);
      }
      if (under_way.empty() || below(2) == 0) continue;
      const auto one = std::next(under_way.begin(), below(static_cast<int>(under_way.size())));
      if (below(3) == 0) {
        lanes.hold_back(*one, now + std::chrono::milliseconds(below(50)));
      } else {
        done[*one].push_back(lanes.first(*one));
        lanes.done(*one);
      }
      under_way.erase(one);
    }
    EXPECT_EQ(done, added);
    EXPECT_EQ(lanes.items(), 0u);
    EXPECT_EQ(lanes.held_back(), 0u);
  }
}

TEST(Lanes, WhoIsHeldBackHoldsUpNobodyElse) {
  Lanes<int> lanes(3, 100);
  const TimePoint now{};
  for (int i = 0; i < 3; ++i) lanes.add("a", i);
  lanes.add("b", 3);
  ASSERT_EQ(lanes.take(now), "a");
  lanes.hold_back("a", now + std::chrono::seconds(10));
  EXPECT_EQ(lanes.held_back(), 1u);
  EXPECT_EQ(lanes.take(now), "b");
  EXPECT_EQ(lanes.take(now), std::nullopt);
  EXPECT_EQ(lanes.next_due(), now + std::chrono::seconds(10));
  EXPECT_EQ(lanes.take(now + std::chrono::seconds(10)), "a");
  EXPECT_EQ(lanes.first("a"), 0);
}

TEST(Lanes, BothBoundsAreKept) {
  Lanes<int> customers(2, 100), items(100, 2);
  for (Lanes<int>* lanes : {&customers, &items}) {
    EXPECT_EQ(lanes->room(), 2u);
    lanes->add("a", 1);
    lanes->add("b", 2);
    EXPECT_EQ(lanes->room(), 0u);
  }
}

}  // namespace
}  // namespace nudge::connectors::webhook
