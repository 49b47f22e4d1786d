// What an SQL condition over an event sees of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/expression.h"
#include "tests/support/fake_customer.h"

namespace nudge {
namespace {

using ::testing::Contains;
using ::testing::Not;

constexpr const char* kSale = R"({"event_id": "1", "customer_id": "c1", "event_time": "2024-03-01T12:30:00.5+01:00",
    "transaction_id": "t1", "kind": "sale", "channel": "online", "campaign_id": "autumn", "lines": [
    {"product_id": "a", "quantity": 2, "unit_price": "1.25"}, {"product_id": "b", "quantity": 0.5, "unit_price": 3}]})";
constexpr const char* kCancel =
    R"({"event_id": "2", "visitor_id": "v", "event_time": 0, "transaction_id": "t1", "kind": "cancel",
    "version": 3})";
constexpr const char* kView =
    R"({"event_id": "3", "visitor_id": "v", "event_time": 5, "action": "cart_add", "quantity": 1.5,
    "price": "9.99", "url": ""})";
constexpr const char* kOpened =
    R"({"event_id": "4", "customer_id": "c", "event_time": 5, "campaign_id": "k", "action": "opened",
    "machine": true})";

TEST(EventColumns, HoldTheSimpleFields) {
  std::vector<std::string_view> names;
  for (const ExpressionColumn& column : event_columns(Topic::kTransactions)) names.push_back(column.name);
  EXPECT_THAT(names, Contains("kind"));
  EXPECT_THAT(names, Contains("event_time"));
  EXPECT_THAT(names, Contains("gross"));
  EXPECT_THAT(names, Not(Contains("lines")));
  EXPECT_THAT(names, Not(Contains("coupons")));
  for (const Topic topic :
       {Topic::kPageViews, Topic::kCampaignEvents, Topic::kProducts, Topic::kCustomers, Topic::kCare}) {
    names.clear();
    for (const ExpressionColumn& column : event_columns(topic)) names.push_back(column.name);
    EXPECT_THAT(names, Contains("customer_id"));
    EXPECT_THAT(names, Not(Contains("gross")));
  }
}

TEST(EventColumns, GiveExpressionsTheirValues) {
  nudge::testing::JsonEvents events;
  const struct {
    Topic topic;
    const char* json;
    const char* sql;
    bool holds;
  } rows[] = {
      {Topic::kTransactions, kSale, "kind = 'sale'", true},
      {Topic::kTransactions, kSale, "gross = 4.0", true},
      {Topic::kTransactions, kSale, "version = 1", true},
      {Topic::kTransactions, kSale, "event_time = '2024-03-01T11:30:00.500Z'", true},
      {Topic::kTransactions, kSale, "channel in ('online', 'phone') and campaign_id like 'AUT%'", true},
      {Topic::kTransactions, kSale, "store_id is null and visitor_id is null and customer_id = 'c1'", true},
      {Topic::kTransactions, kSale, "substr(event_time, 12, 2) = '11' and event_time < '2025'", true},
      {Topic::kTransactions, kCancel, "kind = 'sale'", false},
      {Topic::kTransactions, kCancel, "gross is null and version = 3", true},
      {Topic::kPageViews, kView, "action = 'cart_add' and quantity = 1.5 and price between 9.98 and 10", true},
      {Topic::kPageViews, kView, "url = '' and url is not null and referrer is null", true},
      {Topic::kCampaignEvents, kOpened, "action = 'opened' and not machine", false},
      {Topic::kCampaignEvents, kOpened, "machine and \"group\" is null", true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.sql);
    auto expression = Expression::compile(row.sql, event_columns(row.topic));
    ASSERT_TRUE(expression.is_ok()) << expression.status().message();
    std::vector<Value> values;
    std::string scratch;
    event_row(events(row.topic, row.json), expression->used(), values, scratch);
    EXPECT_EQ(expression->holds(values), row.holds);
  }
}

}  // namespace
}  // namespace nudge
