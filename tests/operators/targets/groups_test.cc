// Groups by hash: shares as asked, the same hold-out in every list, controls drawn for each.
#include "operators/targets/groups.h"

#include <gtest/gtest.h>

#include <string>

namespace nudge::targets {
namespace {

TEST(Groups, AreSharesOfTheCustomers) {
  constexpr int kCustomers = 20'000;
  int holdout = 0, control = 0, both_control = 0;
  for (int i = 0; i < kCustomers; ++i) {
    const std::string customer = "customer-" + std::to_string(i);
    const Group a = group_of("a", customer, 0.1, 0.2), b = group_of("b", customer, 0.1, 0.2);
    EXPECT_EQ(a == Group::kHoldout, b == Group::kHoldout) << customer;
    EXPECT_EQ(a, group_of("a", customer, 0.1, 0.2));
    holdout += a == Group::kHoldout;
    control += a == Group::kControl;
    both_control += a == Group::kControl && b == Group::kControl;
  }
  EXPECT_NEAR(holdout, 2'000, 150);     // 3.5 sd
  EXPECT_NEAR(control, 3'600, 200);     // a fifth of the other nine tenths
  EXPECT_NEAR(both_control, 720, 100);  // drawn for each list
}

TEST(Groups, ALargerShareKeepsThoseOfASmallerOne) {
  for (int i = 0; i < 1'000; ++i) {
    const std::string customer = std::to_string(i);
    const bool held_out = group_of("a", customer, 0.1, 0) == Group::kHoldout;
    EXPECT_TRUE(!held_out || group_of("a", customer, 0.3, 0.5) == Group::kHoldout);
    EXPECT_EQ(group_of("a", customer, 1, 1), Group::kHoldout);
    EXPECT_EQ(group_of("a", customer, 0, 1), Group::kControl);
    EXPECT_EQ(group_of("a", customer, 0, 0), Group::kTreatment);
  }
}

}  // namespace
}  // namespace nudge::targets
