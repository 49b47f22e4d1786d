// A sale as the global part is told of it.
#include "operators/rules/sale_reader.h"

#include <gtest/gtest.h>

#include "tests/support/fake_customer.h"

namespace nudge::rules {
namespace {

Event sale_of(testing::JsonEvents& events, const std::string& lines) {
  return events(Topic::kTransactions, R"({"event_id":"1","event_time":0,"customer_id":"c","transaction_id":"t",)"
                                      R"("kind":"sale","lines":[)" +
                                          lines + "]}");
}

TEST(SaleReader, EachProductOnce) {
  testing::JsonEvents events;
  const Event sale = sale_of(events, R"({"product_id":"b","quantity":1,"unit_price":1},
      {"product_id":"a","quantity":1,"unit_price":9,"list_price":10},
      {"product_id":"b","quantity":3,"unit_price":2},
      {"product_id":"a","quantity":1,"unit_price":10,"list_price":10})");
  std::vector<ToldLine> lines;
  EXPECT_EQ(read_lines(sale, false, lines), 0u);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].product, "a");
  EXPECT_EQ(lines[1].product, "b");
  // Where discounts matter, once a level.
  EXPECT_EQ(read_lines(sale, true, lines), 0u);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].discount, DiscountLevel::kNone);
  EXPECT_EQ(lines[1].discount, DiscountLevel::kUpTo10);
  EXPECT_EQ(lines[2].discount, DiscountLevel::kUnknown);
}

TEST(SaleReader, ALineTooManyIsCounted) {
  testing::JsonEvents events;
  std::string lines;
  for (int i = 0; i < 10'000; ++i)
    lines += (i == 0 ? "" : ",") + (R"({"product_id":"p)" + std::to_string(i) + R"(","quantity":1,"unit_price":1})");
  std::vector<ToldLine> read;
  EXPECT_EQ(read_lines(sale_of(events, lines), false, read), 10'000 - kLinesMax);
  EXPECT_EQ(read.size(), kLinesMax);
}

TEST(SaleReader, LevelsEndWithTheirBounds) {
  const struct {
    const char* name;
    LineItem line;
    DiscountLevel level;
  } rows[] = {
      {"nothing is known", {.quantity = 1000, .unit_price = 10}, DiscountLevel::kUnknown},
      {"dearer than the list", {.quantity = 1000, .unit_price = 11, .list_price = 10}, DiscountLevel::kNone},
      {"a tenth", {.quantity = 2000, .unit_price = 90, .list_price = 100}, DiscountLevel::kUpTo10},
      {"a little more", {.quantity = 2000, .unit_price = 899, .list_price = 1000}, DiscountLevel::kUpTo20},
      {"a fifth", {.quantity = 2000, .unit_price = 80, .list_price = 100}, DiscountLevel::kUpTo20},
      {"three tenths", {.quantity = 2000, .unit_price = 70, .list_price = 100}, DiscountLevel::kUpTo30},
      {"more", {.quantity = 2000, .unit_price = 69, .list_price = 100}, DiscountLevel::kMore},
      {"free", {.quantity = 1000, .unit_price = 0, .list_price = 100}, DiscountLevel::kMore},
      {"of the line, no list price", {.quantity = 2000, .unit_price = 45, .discount = 10}, DiscountLevel::kUpTo10},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(discount_level(row.line), row.level);
  }
}

}  // namespace
}  // namespace nudge::rules
