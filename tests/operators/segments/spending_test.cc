// What money went to, worked by hand, and that sales leave as they came.
#include "operators/segments/spending.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/fake_customer.h"

namespace nudge::segments {
namespace {

std::string sale(const std::string& id, Millis time, const std::string& lines) {
  return R"({"event_id":"e","event_time":)" + std::to_string(time) + R"(,"customer_id":"c","transaction_id":")" + id +
         R"(","kind":"sale","lines":[)" + lines + "]}";
}
std::string line(const std::string& product, int price, const std::string& more = "") {
  return R"({"product_id":")" + product + R"(","quantity":1,"unit_price":)" + std::to_string(price) + more + "}";
}

// "old" was first sold in week 1, "new" in week 20.
std::optional<NewProducts> known(testing::JsonEvents& events) {
  ProductSales sales;
  sales.apply(events(Topic::kTransactions, sale("a", kWeek, line("old", 1))));
  sales.apply(events(Topic::kTransactions, sale("b", 20 * kWeek, line("old", 1) + "," + line("new", 1))));
  return NewProducts::of(sales, 22 * kWeek);
}

TEST(NewProducts, WereFirstSoldInTheLastWeeks) {
  testing::JsonEvents events;
  const auto products = known(events);
  ASSERT_TRUE(products);
  EXPECT_TRUE(products->holds("new"));
  EXPECT_FALSE(products->holds("old"));
  EXPECT_FALSE(products->holds("unheard of"));
  EXPECT_EQ(NewProducts::decode(products->encode()), products);
  EXPECT_FALSE(NewProducts::decode(products->encode() + "x"));
  ProductSales young;
  young.apply(events(Topic::kTransactions, sale("a", kWeek, line("p", 1))));
  EXPECT_FALSE(NewProducts::of(young, 2 * kWeek));  // everything would be new
}

TEST(Spending, HandWorked) {
  testing::JsonEvents events;
  Spending spending;
  EXPECT_FALSE(spending.list_price_share());
  spending.apply(events(Topic::kTransactions, sale("t0", 1, line("new", 7))), std::nullopt);
  EXPECT_FALSE(spending.list_price_share());  // no list price is known
  EXPECT_FALSE(spending.new_share());         // nor what is new
  spending.apply(
      events(Topic::kTransactions,
             sale("t1", 2, line("new", 30, R"(,"list_price":30)") + "," + line("old", 60, R"(,"list_price":80)"))),
      known(events));
  EXPECT_DOUBLE_EQ(*spending.list_price_share(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(*spending.new_share(), 1.0 / 3);
  spending.apply(events(Topic::kTransactions, sale("t2", 3, line("old", 10, R"(,"discount":0)"))), known(events));
  EXPECT_DOUBLE_EQ(*spending.list_price_share(), 0.4);
  EXPECT_DOUBLE_EQ(*spending.new_share(), 0.3);
}

std::string encoded(const Spending& spending) {
  std::string bytes;
  Encoder out(bytes);
  spending.encode(out);
  return bytes;
}

TEST(Spending, WhoLeavesLeavesNothing) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    testing::JsonEvents events;
    const auto now = known(events);
    Spending only, all;
    std::vector<Event> leave;
    for (int i = 0; i < 40; ++i) {
      const Event one =
          events(Topic::kTransactions, sale("t" + std::to_string(i), i + 1,
                                            line(random() % 2 == 0 ? "old" : "new", static_cast<int>(random() % 90),
                                                 random() % 2 == 0 ? R"(,"list_price":50)" : "")));
      const bool stays = random() % 2 == 0;
      if (stays) only.apply(one, now);
      all.apply(one, now);
      if (!stays) leave.push_back(one);
    }
    for (const Event& one : leave) EXPECT_TRUE(all.retract(one));
    EXPECT_EQ(encoded(all), encoded(only));
    Spending decoded;
    const std::string bytes = encoded(all);
    Decoder in(bytes);
    ASSERT_TRUE(decoded.decode(in) && in.at_end());
    EXPECT_EQ(encoded(decoded), bytes);
  }
}

TEST(Spending, SaysWhenASaleWasJudgedTooLongAgo) {
  testing::JsonEvents events;
  const auto now = known(events);
  Spending spending;
  std::vector<Event> sales;
  for (std::size_t i = 0; i <= Spending::kJudgedMost; ++i)
    sales.push_back(events(Topic::kTransactions, sale("t" + std::to_string(i), 1, line("old", 1))));
  for (const Event& each : sales) spending.apply(each, now);
  EXPECT_FALSE(spending.retract(sales.front()));
  EXPECT_TRUE(spending.retract(sales.back()));
}

}  // namespace
}  // namespace nudge::segments
