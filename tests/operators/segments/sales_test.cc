// What sales say of products and of themselves: sums that come and go in any order, and hand-worked figures.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "operators/segments/panes.h"
#include "operators/segments/product_sales.h"
#include "operators/segments/transaction_reader.h"
#include "tests/support/fake_customer.h"

namespace nudge::segments {
namespace {

std::string encoded(const ProductSales& sales) {
  std::string bytes;
  Encoder out(bytes);
  sales.encode(out);
  return bytes;
}

std::string random_sale(std::mt19937& random, int number) {
  std::string lines;
  for (unsigned left = 1 + random() % 4; left > 0; --left) {
    lines += lines.empty() ? "" : ",";
    lines += R"({"product_id":"p)" + std::to_string(random() % 6) + R"(","quantity":)" +
             std::to_string(1 + random() % 5) + R"(,"unit_price":)" + std::to_string(random() % 100);
    if (random() % 2 == 0) lines += R"(,"list_price":)" + std::to_string(random() % 120);
    if (random() % 3 == 0) lines += R"(,"unit_cost":)" + std::to_string(random() % 50);
    lines += "}";
  }
  return R"({"event_id":")" + std::to_string(number) + R"(","event_time":)" + std::to_string(random() % 100 * kDay) +
         R"(,"customer_id":"c","transaction_id":"t)" + std::to_string(number) + R"(","kind":"sale","lines":[)" + lines +
         "]}";
}

TEST(ProductSales, HoldWhatIsThereWhateverTheOrder) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    testing::JsonEvents events;
    std::vector<Event> stay, leave, all;
    for (int i = 0; i < 60; ++i)
      (random() % 3 == 0 ? leave : stay).push_back(events(Topic::kTransactions, random_sale(random, i)));
    ProductSales only, left, right;
    for (const Event& sale : stay) only.apply(sale);
    all = stay;
    all.insert(all.end(), leave.begin(), leave.end());
    std::shuffle(all.begin(), all.end(), random);
    for (const Event& sale : all) (random() % 2 == 0 ? left : right).apply(sale);
    for (const Event& sale : leave) (random() % 2 == 0 ? left : right).retract(sale);
    left.merge(right);
    EXPECT_EQ(encoded(left), encoded(only));

    ProductSales decoded;
    const std::string bytes = encoded(only);
    Decoder in(bytes);
    ASSERT_TRUE(decoded.decode(in) && in.at_end());
    EXPECT_EQ(decoded, only);

    only.forget_before(8 * kWeek);
    for (const auto& [name, product] : only.products()) {
      EXPECT_EQ(product.first(), decoded.products().find(name)->second.first()) << "the first week is remembered";
      EXPECT_TRUE(product.weeks.empty() || product.weeks.begin()->first >= 8);
    }
    const std::size_t were = only.products().size();
    EXPECT_EQ(only.limit(2), were - 2);
    EXPECT_EQ(only.products().size(), 2u);
  }
}

Segmentation all_features() {
  Segmentation segmentation;
  segmentation.of = Entity::kTransactions;
  for (const Column& column : transaction_features()) segmentation.features.push_back({{0, &column}});
  return segmentation;
}

// Of a sale of one product of each.
CategoryCount categories_of(const std::vector<std::string>& categories) {
  testing::JsonEvents events;
  ProductCatalog products(10);
  std::string lines;
  for (const std::string& category : categories) {
    products.take(events(Topic::kProducts, R"({"event_id":"1","event_time":0,"product_id":"of )" + category +
                                               R"(","category":")" + category + "\"}"));
    lines += (lines.empty() ? "" : ",") + (R"({"product_id":"of )" + category + R"(","quantity":1,"unit_price":1})");
  }
  return {events(Topic::kTransactions,
                 R"({"event_id":"1","event_time":0,"customer_id":"c","transaction_id":"t","kind":"sale","lines":[)" +
                     lines + "]}"),
          products};
}

TEST(TransactionReader, HandWorked) {
  const Segmentation segmentation = all_features();
  TransactionReader reader(segmentation);
  testing::JsonEvents events;
  Point point;
  // A Friday, half past six in the morning: 2 × 30 of a list price of 40, and 1 × 20 at a discount of 5.
  ASSERT_TRUE(
      reader.read(events(Topic::kTransactions,
                         R"({"event_id":"1","event_time":"2024-03-01T06:30:00Z","customer_id":"c","transaction_id":"t",
                 "kind":"sale","channel":"online","lines":[
                 {"product_id":"a","quantity":2,"unit_price":30,"list_price":40,"unit_cost":10},
                 {"product_id":"b","quantity":1,"unit_price":20,"discount":5}]})"),
                  categories_of({"fruit", "bread"}), point));
  const std::vector<double> expected = {80, 3, 2, 80.0 / 3, 25.0 / 105, 1, 6.5, 4, 2};
  ASSERT_EQ(reader.y().size(), expected.size());
  for (std::size_t j = 0; j < expected.size(); ++j)
    EXPECT_DOUBLE_EQ(reader.y()[j], expected[j]) << transaction_features()[j].name;
  EXPECT_EQ(point.value, Nano{80'000'000'000});
  EXPECT_TRUE(point.has_margin);
  EXPECT_EQ(point.margin, Nano{40'000'000'000});

  ASSERT_TRUE(
      reader.read(events(Topic::kTransactions,
                         R"({"event_id":"2","event_time":"2024-03-03T00:00:00Z","customer_id":"c","transaction_id":"u",
                 "kind":"sale","lines":[{"product_id":"a","quantity":1,"unit_price":5}]})"),
                  CategoryCount(), point));
  EXPECT_TRUE(std::isnan(reader.y()[8])) << "unknown categories";
  EXPECT_TRUE(std::isnan(reader.y()[4]) && std::isnan(reader.y()[5])) << "no list price and no channel are unknown";
  EXPECT_DOUBLE_EQ(reader.y()[7], 6) << "a Sunday";
  EXPECT_FALSE(point.has_margin);

  EXPECT_FALSE(
      reader.read(events(Topic::kTransactions,
                         R"({"event_id":"3","event_time":"2024-03-03T00:00:00Z","customer_id":"c","transaction_id":"x",
                 "kind":"return","lines":[{"product_id":"a","quantity":1,"unit_price":5}]})"),
                  CategoryCount(), point));
}

TEST(Panes, AWindowForgetsWholeWeeks) {
  Panes panes;
  const GridShifts shifts = {kFractionBits};
  for (int week = 0; week < 10; ++week) pane(panes, week, shifts).add({{to_fixed(week)}, 0, 0, false});
  forget_before(panes, 4 * kWeek);
  EXPECT_EQ(panes.begin()->first, 4);
  EXPECT_EQ(sum_of(panes, shifts).total().count(), 6);
}

}  // namespace
}  // namespace nudge::segments
