// Features that follow from several operators' columns: their values, where they are left out, and that a bundle gives
// the same as a customer.
#include "operators/scores/derived.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "operators/scores/features.h"
#include "operators/scores/reasons.h"
#include "tests/operators/scores/shop.h"

namespace nudge::scores {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr ColumnUse kUse = ColumnUse::kSql | ColumnUse::kCustomerFeature;
constexpr Column kSigns[] = {
    {.name = "recency_days", .type = ValueType::kReal, .use = kUse},
    {.name = "days_since_visit", .type = ValueType::kReal, .use = kUse},
    {.name = "orders", .type = ValueType::kInteger, .use = kUse},
    {.name = "sessions", .type = ValueType::kInteger, .use = kUse},
    {.name = "tenure_days", .type = ValueType::kReal, .use = kUse},
};

TEST(Derived, SilenceIsMeasuredByTheCustomersOwnPace) {
  const struct {
    const char* name;
    SignsOfLife signs;  // recency, since visit, orders, sessions, member, tenure
    double days, intervals;
  } rows[] = {
      {"a visit after the last order", {30, 10, 3, 7, 100, 90}, 10, 1},
      {"an order after the last visit", {5, 10, 3, 7, 100, 90}, 5, 0.5},
      {"no visit ever", {20, kNaN, 4, 0, 80, 80}, 20, 1},
      {"no order ever", {kNaN, 12, kNaN, 2, 48, kNaN}, 12, 0.5},
      {"nobody knows since when", {20, 20, 5, 5, kNaN, 100}, 20, 2},
      {"here since today", {0.5, 0.5, 1, 1, 0.5, 0.5}, 0.5, 1},
      {"nothing is known", {kNaN, kNaN, kNaN, kNaN, 50, kNaN}, kNaN, kNaN},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    for (std::size_t place = 0; place < 2; ++place) {
      const double wanted = place == 0 ? row.days : row.intervals;
      const Value value = derived_value(place, row.signs);
      EXPECT_EQ(is_known(value), !std::isnan(wanted));
      if (is_known(value)) EXPECT_DOUBLE_EQ(std::get<double>(value), wanted);
    }
  }
}

class DerivedFeatures : public ::testing::Test {
 protected:
  DerivedFeatures() : customer_({&spec()}, kSigns) {
    customer_.set("recency_days", 30.0);
    customer_.set("days_since_visit", 10.0);
    customer_.set("orders", std::int64_t{3});
    customer_.set("sessions", std::int64_t{7});
    customer_.set("tenure_days", 50.0);
  }
  std::vector<std::string> names(std::vector<std::string> excluded) const {
    const FeatureSet features(customer_.columns(), false, excluded);
    std::vector<std::string> names;
    for (std::size_t feature = 0; feature < features.size(); ++feature)
      names.emplace_back(features.column(feature).column->name);
    return names;
  }
  testing::FakeCustomer customer_;
};

TEST_F(DerivedFeatures, StandAmongTheOthersByName) {
  EXPECT_EQ(names({}), (std::vector<std::string>{"days_since_visit", "orders", "recency_days", "sessions",
                                                 "silence_days", "silence_in_intervals", "tenure_days"}));
  EXPECT_EQ(
      names({"silence_days", "tenure_days"}),
      (std::vector<std::string>{"days_since_visit", "orders", "recency_days", "sessions", "silence_in_intervals"}));
}

TEST_F(DerivedFeatures, WhatTheModelMustNotSeeIsNotInThem) {
  EXPECT_EQ(names({"sessions"}),
            (std::vector<std::string>{"days_since_visit", "orders", "recency_days", "tenure_days"}));
}

TEST_F(DerivedFeatures, ABundleGivesWhatACustomerGives) {
  const FeatureSet features(customer_.columns(), false, {});
  std::vector<float> row;
  features.read(customer_, row);
  EXPECT_EQ(row, (std::vector<float>{10, 3, 30, 7, 10, 2, 50}));
  std::vector<Value> bundle = {10.0, std::int64_t{3}, 30.0, std::int64_t{7}, Value(), Value(), 50.0};
  features.derive(bundle);
  for (std::size_t feature = 0; feature < row.size(); ++feature)
    EXPECT_EQ(feature_value(bundle[feature]), row[feature]);
  // What is given holds.
  bundle[4] = 8.0;
  features.derive(bundle);
  EXPECT_EQ(std::get<double>(bundle[4]), 8.0);
}

TEST_F(DerivedFeatures, ReasonsSayTheirValues) {
  const FeatureSet features(customer_.columns(), false, {});
  std::vector<double> contributions(features.size());
  contributions[4] = -0.5;
  std::string json;
  ReasonWriter(features).write(contributions, customer_, json);
  EXPECT_EQ(json, R"([{"feature":"silence_days","value":10,"contribution":-0.5,)"
                  R"("text":"days since the last order or visit of 10 days lowers it"}])");
}

}  // namespace
}  // namespace nudge::scores
