// Who buys what in which kind of order: counts that come and go in any order, and links on tables worked by hand.
#include "operators/segments/links.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "operators/segments/outcomes.h"
#include "tests/support/fake_customer.h"

namespace nudge::segments {
namespace {

std::string sale_of(const std::vector<std::string>& products) {
  std::string lines;
  for (const std::string& product : products)
    lines += (lines.empty() ? "" : ",") + (R"({"product_id":")" + product + R"(","quantity":1,"unit_price":3})");
  return R"({"event_id":"e","event_time":1,"customer_id":"c","transaction_id":"t","kind":"sale","lines":[)" + lines +
         "]}";
}

template <typename Counted>
std::string encoded(const Counted& counted) {
  std::string bytes;
  Encoder out(bytes);
  counted.encode(out);
  return bytes;
}

struct Sale {
  Event event;
  Circumstance circumstance;
};

TEST(Purchases, HoldWhatIsThereWhateverTheOrder) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    testing::JsonEvents events;
    std::vector<Sale> stay, leave;
    for (int i = 0; i < 80; ++i) {
      std::vector<std::string> products;
      for (unsigned left = 1 + random() % 3; left > 0; --left) products.push_back("p" + std::to_string(random() % 5));
      const Circumstance circumstance = {static_cast<std::int64_t>(random() % 4),
                                         static_cast<std::int32_t>(1 + random() % 3),
                                         static_cast<std::int32_t>(1 + random() % 2)};
      (random() % 3 == 0 ? leave : stay).push_back({events(Topic::kTransactions, sale_of(products)), circumstance});
    }
    Purchases only, left, right;
    for (const Sale& sale : stay) only.add(sale.event, sale.circumstance, 1);
    std::vector<Sale> all = stay;
    all.insert(all.end(), leave.begin(), leave.end());
    std::shuffle(all.begin(), all.end(), random);
    for (const Sale& sale : all) (random() % 2 == 0 ? left : right).add(sale.event, sale.circumstance, 1);
    for (const Sale& sale : leave) (random() % 2 == 0 ? left : right).add(sale.event, sale.circumstance, -1);
    left.merge(right);
    EXPECT_EQ(encoded(left), encoded(only));
    EXPECT_EQ(left.size(), only.size());

    Purchases decoded;
    const std::string bytes = encoded(only);
    Decoder in(bytes);
    ASSERT_TRUE(decoded.decode(in) && in.at_end());
    EXPECT_EQ(decoded, only);

    // What is forgotten is as if it had never been there.
    Purchases late;
    for (const Sale& sale : stay)
      if (sale.circumstance.week >= 2) late.add(sale.event, sale.circumstance, 1);
    only.forget_before(2 * kWeek);
    EXPECT_EQ(only, late);
    EXPECT_EQ(only.limit(0), late.size());
    EXPECT_TRUE(only.empty());
    for (const Sale& sale : stay) decoded.add(sale.event, sale.circumstance, -1);
    EXPECT_TRUE(decoded.empty());
  }
}

// 400 lines: of 100 of customers 1, 60 are of x; of 300 of customers 2, 60 are.
TEST(Links, HandWorked) {
  testing::JsonEvents events;
  const Event x = events(Topic::kTransactions, sale_of({"x"})), y = events(Topic::kTransactions, sale_of({"y"}));
  Purchases purchases;
  const auto buy = [&](const Event& what, std::int32_t customer, int times) {
    for (int i = 0; i < times; ++i) purchases.add(what, {i % 2, customer, 1}, 1);
  };
  buy(x, 1, 60);
  buy(y, 1, 40);
  buy(x, 2, 60);
  buy(y, 2, 240);
  const Links links = links_of(purchases, {{"x", 10}, {"y", 20}});
  EXPECT_EQ(links.lines, 400);
  EXPECT_EQ(links.orders, 400);
  EXPECT_EQ(links.design_effect, 1);
  ASSERT_EQ(links.all.size(), 4u);
  const auto found = std::find_if(links.all.begin(), links.all.end(),
                                  [](const Link& link) { return link.customer == 1 && link.product == 10; });
  EXPECT_EQ(found->n, 60);
  EXPECT_DOUBLE_EQ(found->expected, 30);
  EXPECT_DOUBLE_EQ(found->lift, 2);
  EXPECT_EQ(found->weeks, (std::vector<std::int64_t>{30, 30}));
  // chi2_contingency([[60, 40], [60, 240]], correction=False): 57.142857, p 4.05277110e-14
  EXPECT_NEAR(found->p_value / 4.05277110e-14, 1, 1e-7);
  // All four cells of a 2 × 2 table are as sure as each other.
  for (const Link& link : links.all) EXPECT_NEAR(link.q_value / link.p_value, 1, 1e-9);
}

TEST(Links, LinesOfOneOrderAreNoIndependentWitnesses) {
  testing::JsonEvents events;
  Purchases single, packed;
  const Event one = events(Topic::kTransactions, sale_of({"x"})), other = events(Topic::kTransactions, sale_of({"y"}));
  const Event ten = events(Topic::kTransactions, sale_of(std::vector<std::string>(10, "x")));
  const Event others = events(Topic::kTransactions, sale_of(std::vector<std::string>(10, "y")));
  for (int i = 0; i < 400; ++i) single.add(i % 8 < 3 ? one : other, {0, i % 8 < 4 ? 1 : 2, 1}, 1);
  for (int i = 0; i < 40; ++i) packed.add(i % 8 < 3 ? ten : others, {0, i % 8 < 4 ? 1 : 2, 1}, 1);
  const std::map<std::string, std::int32_t, std::less<>> products = {{"x", 10}, {"y", 20}};
  const Links apart = links_of(single, products), together = links_of(packed, products);
  EXPECT_EQ(together.design_effect, 10);
  EXPECT_EQ(apart.all.front().lift, together.all.front().lift);
  EXPECT_LT(apart.all.front().p_value, together.all.front().p_value);
}

TEST(Links, ChanceIsNoLink) {
  std::mt19937 random(7);
  testing::JsonEvents events;
  std::vector<Event> sales;
  std::map<std::string, std::int32_t, std::less<>> products;
  for (int i = 0; i < 6; ++i) {
    sales.push_back(events(Topic::kTransactions, sale_of({"p" + std::to_string(i)})));
    products["p" + std::to_string(i)] = i % 3 + 1;
  }
  int found = 0;
  for (int trial = 0; trial < 50; ++trial) {
    Purchases purchases;
    for (int i = 0; i < 2'000; ++i)
      purchases.add(sales[random() % 6],
                    {0, static_cast<std::int32_t>(1 + random() % 4), static_cast<std::int32_t>(1 + random() % 2)}, 1);
    const Links links = links_of(purchases, products);
    ASSERT_EQ(links.all.size(), 24u);
    found += links.all.front().q_value <= 0.05;
  }
  EXPECT_LE(found, 6);  // 2.5 are expected
}

TEST(Links, OddInput) {
  EXPECT_TRUE(links_of({}, {}).all.empty());
  testing::JsonEvents events;
  Purchases purchases;
  for (int i = 0; i < 100; ++i) purchases.add(events(Topic::kTransactions, sale_of({"x"})), {0, 1, 1}, 1);
  EXPECT_TRUE(links_of(purchases, {}).all.empty());          // no product is in a segment
  EXPECT_TRUE(links_of(purchases, {{"x", 1}}).all.empty());  // all customers, all orders and all products are one
}

TEST(Outcomes, AddUp) {
  Outcomes left, right, all;
  left.add("churn", 1, true);
  left.add("churn", 2, false);
  right.add("churn", 1, false);
  right.add("responds", 1, true);
  all.merge(right);
  all.merge(left);
  left.merge(right);
  EXPECT_EQ(left, all);
  EXPECT_EQ(all.by_target().at("churn").at(1), (Outcome{2, 1}));
  Outcomes decoded;
  const std::string bytes = encoded(all);
  Decoder in(bytes);
  ASSERT_TRUE(decoded.decode(in) && in.at_end());
  EXPECT_EQ(decoded, all);
}

}  // namespace
}  // namespace nudge::segments
