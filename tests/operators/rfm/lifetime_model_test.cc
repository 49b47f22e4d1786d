// The figures of one customer from a published model: by the parts they are made of, unknown where there is no mean.
#include "operators/rfm/lifetime_model.h"

#include <gtest/gtest.h>

#include <string>

namespace nudge::rfm {
namespace {

LifetimeModel model() {
  return {.model = PurchaseModel::kMbgNbd, .orders = {0.5, 6, 0.9, 1.6}, .value = ValueParameters{6, 4, 15}};
}

TEST(LifetimeModel, SaysWhatItsPartsSay) {
  // Three orders over ten weeks, 16 weeks ago the first; 80 for the two that repeat it.
  const Purchases purchases{3, kDay, kDay + 10 * kWeek, 80'000'000};
  const PurchaseHistory history{2, 10, 16};
  const Lifetime lifetime = model().of(purchases, kDay + 16 * kWeek);
  const double alive = p_alive(PurchaseModel::kMbgNbd, model().orders, history);
  const auto ahead = [&](double weeks) {
    return alive * orders_if_alive(PurchaseModel::kMbgNbd, model().orders, history, weeks);
  };
  EXPECT_DOUBLE_EQ(lifetime.p_alive, alive);
  EXPECT_DOUBLE_EQ(lifetime.expected_orders_90d, ahead(90.0 / 7));
  ASSERT_TRUE(lifetime.clv_365d.has_value());
  EXPECT_DOUBLE_EQ(*lifetime.clv_365d, ahead(365.0 / 7) * 6 * (15 + 80) / (6 * 2 + 4 - 1));
}

TEST(LifetimeModel, KnowsNoValueWhereTheModelHasNone) {
  LifetimeModel own = model();
  const Purchases once{1, 0, 0, 0}, twice{2, 0, kWeek, 30'000'000};
  EXPECT_TRUE(own.of(once, kWeek).clv_365d.has_value());
  own.value->q = 0.9;
  EXPECT_EQ(own.of(once, kWeek).clv_365d, std::nullopt) << "the mean of all customers is infinite";
  EXPECT_TRUE(own.of(twice, kWeek).clv_365d.has_value());
  own.value.reset();
  EXPECT_EQ(own.of(twice, kWeek).clv_365d, std::nullopt);
}

TEST(LifetimeModel, TakesATimeBeforeTheLastOrderForThatOfTheOrder) {
  const Purchases purchases{2, kDay, kWeek, 1'000'000};
  EXPECT_EQ(model().of(purchases, 0).p_alive, model().of(purchases, kWeek).p_alive);
}

TEST(LifetimeFigures, AreThoseOfTheModelForNewCustomersToo) {
  LifetimeFigures figures(model());
  const Purchases customers[] = {{1, kDay, kDay, 0}, {1, kWeek, kWeek, 0}, {2, kDay, kWeek, 20'000'000}};
  for (const Purchases& one : customers)
    for (const Millis later : {Millis{0}, kHour, kWeek}) {
      const Lifetime expected = model().of(one, one.last_at + later), found = figures.of(one, one.last_at + later);
      EXPECT_EQ(found.p_alive, expected.p_alive);
      EXPECT_EQ(found.expected_orders_90d, expected.expected_orders_90d);
      EXPECT_EQ(found.clv_365d, expected.clv_365d);
    }
}

TEST(LifetimeModel, BytesRoundTripAndOthersAreRefused) {
  LifetimeModel own = model();
  for (const bool with_value : {true, false}) {
    if (!with_value) own.value.reset();
    std::string bytes;
    Encoder encoder(bytes);
    own.encode(encoder);
    EXPECT_EQ(LifetimeModel::decode(bytes), own);
    EXPECT_EQ(LifetimeModel::decode(bytes + "x"), std::nullopt);
    EXPECT_EQ(LifetimeModel::decode(std::string_view(bytes).substr(0, bytes.size() - 1)), std::nullopt);
    bytes[0] = 2;
    EXPECT_EQ(LifetimeModel::decode(bytes), std::nullopt) << "no such model";
  }
}

}  // namespace
}  // namespace nudge::rfm
