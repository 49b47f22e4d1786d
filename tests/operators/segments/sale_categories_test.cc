// Categories of sales: how many there are, and that a sale leaves with what it was counted with.
#include "operators/segments/sale_categories.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "operators/segments/keyed.h"
#include "operators/segments/section.h"
#include "operators/segments/transaction_reader.h"
#include "tests/support/fake_customer.h"

namespace nudge::segments {

const OperatorSpec& spec();

namespace {

std::string product(const std::string& id, const std::string& category) {
  return R"({"event_id":"1","event_time":0,"product_id":")" + id + '"' +
         (category.empty() ? "" : R"(,"category":")" + category + '"') + "}";
}

std::string sale(int number, const std::vector<std::string>& products) {
  std::string lines;
  for (const std::string& id : products)
    lines += (lines.empty() ? "" : ",") + (R"({"product_id":")" + id + R"(","quantity":1,"unit_price":1})");
  return R"({"event_id":"1","event_time":0,"customer_id":"c1","kind":"sale","transaction_id":"t)" +
         std::to_string(number) + R"(","lines":[)" + lines + "]}";
}

TEST(CategoryCount, AgainstASet) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    testing::JsonEvents events;
    ProductCatalog products(100);
    std::map<std::string, std::string> known;
    for (unsigned i = 0; i < 20; ++i) {
      const std::string id = "p" + std::to_string(random() % 30);
      const std::string category = random() % 4 == 0 ? "" : "c" + std::to_string(random() % 5);
      products.take(events(Topic::kProducts, product(id, category)));
      known[id] = category;
    }
    std::vector<std::string> bought;
    std::set<std::string> categories;
    for (unsigned left = 1 + random() % 40; left > 0; --left) {
      bought.push_back("p" + std::to_string(random() % 30));
      if (const auto found = known.find(bought.back()); found != known.end() && !found->second.empty())
        categories.insert(found->second);
    }
    const CategoryCount count(events(Topic::kTransactions, sale(1, bought)), products);
    EXPECT_EQ(count.known().value_or(0), categories.size());
    EXPECT_EQ(count.known().has_value(), !categories.empty());
  }
}

struct Desk {
  testing::FakeCustomer customer{{&spec()}};
  testing::JsonEvents events;
  ProductCatalog products{100};
  std::unique_ptr<KeyedOperator> keyed = [this] {
    Settings settings;
    Segmentation& orders = settings.all.emplace_back();
    orders.name = "orders";
    orders.id = 5;
    orders.of = Entity::kTransactions;
    for (const Column& column : transaction_features())
      if (column.name == kCategories || column.name == "lines") orders.features.push_back({{0, &column}});
    return make_keyed(settings, customer.columns(), &products);
  }();

  void know(const std::string& id, const std::string& category) {
    products.take(events(Topic::kProducts, product(id, category)));
  }
  void change(int number, const std::vector<std::string>& products_bought, bool holds) {
    customer.at(events(Topic::kTransactions, sale(number, products_bought)));
    holds ? keyed->apply(customer.event(), customer) : keyed->retract(customer.event(), customer);
    keyed->settle(customer);
  }
};

TEST(KeyedSegments, ASaleLeavesWithTheCategoriesThatItCameWith) {
  Desk desk, other;
  desk.know("a", "fruit");
  desk.change(1, {"a", "b"}, true);
  desk.know("b", "bread");
  desk.change(2, {"a", "b"}, true);
  desk.know("a", "bread");
  desk.customer.reload();
  desk.change(1, {"a", "b"}, false);
  other.know("a", "fruit");
  other.know("b", "bread");
  other.change(2, {"a", "b"}, true);
  EXPECT_EQ(desk.keyed->partial(kDay), other.keyed->partial(kDay)) << "of two categories, as it was then";
  EXPECT_EQ(desk.customer.counted("sales_counted_too_long_ago"), 0u);
}

TEST(KeyedSegments, ASaleThatCameTooLongAgoStaysAndIsCounted) {
  Desk desk, other;
  const int last = static_cast<int>(SaleCategories::kSalesMost) + 1;
  for (int number = 1; number <= last; ++number) {
    desk.change(number, {"a"}, true);
    if (number != 2) other.change(number, {"a"}, true);
  }
  desk.change(1, {"a"}, false);
  EXPECT_EQ(desk.customer.counted("sales_counted_too_long_ago"), 1u);
  desk.change(2, {"a"}, false);
  EXPECT_EQ(desk.customer.counted("sales_counted_too_long_ago"), 1u);
  EXPECT_EQ(desk.keyed->partial(kDay), other.keyed->partial(kDay));
}

}  // namespace
}  // namespace nudge::segments
