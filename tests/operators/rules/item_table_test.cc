// Lines of sales as items.
#include "operators/rules/item_table.h"

#include <gtest/gtest.h>

namespace nudge::rules {
namespace {

std::vector<Template> templates(std::initializer_list<const char*> texts) {
  std::vector<Template> made;
  for (const char* text : texts) made.push_back(Template::parse(text).value());
  return made;
}

std::vector<std::string> texts_of(ItemTable& table, std::vector<Line> lines, const Products& products) {
  std::vector<std::string> texts;
  for (const Item item : table.items_of(lines, products)) texts.push_back(table.text(item));
  std::sort(texts.begin(), texts.end());
  return texts;
}

PriceLevels levels() {
  static constexpr std::int64_t kBounds[] = {100, 300};
  return PriceLevels(kBounds);
}

TEST(Template, SaysWhatIsWrong) {
  EXPECT_EQ(Template::parse("coats").status().message(), "names no attribute");
  EXPECT_EQ(Template::parse("{size}").status().message(), "no attribute \"size\"");
  EXPECT_EQ(Template::parse("{brand").status().message(), "a { without its }");
  EXPECT_EQ(Template::parse("brand}").status().message(), "a } without its {");
}

TEST(PriceLevels, EndWithTheirBounds) {
  EXPECT_EQ(levels().of(0), "≤100");
  EXPECT_EQ(levels().of(100'000'000), "≤100");
  EXPECT_EQ(levels().of(100'000'001), "100–300");
  EXPECT_EQ(levels().of(300'000'000), "100–300");
  EXPECT_EQ(levels().of(1'000'000'000'000), ">300");
}

TEST(ItemTable, MakesItemsOfWhatIsKnown) {
  Products products;
  products.set("a", {"coats", "", "", "north", "", 250'000'000});
  products.set("b", {"coats", "", "", "", "", std::nullopt});
  ItemTable table(templates({"{category}", "{category}/{price_level}", "{brand}", "{discount_level}"}), levels());
  const Line a = Line::of(products.number_of("a"), DiscountLevel::kUpTo10);
  const Line b = Line::of(products.number_of("b"), DiscountLevel::kUnknown);
  const Line unknown = Line::of(products.number_of("c"), DiscountLevel::kUnknown);
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts_of(table, {a, b}, products), (Texts{"coats", "coats/100–300", "north", "≤10 %"}));
  EXPECT_EQ(texts_of(table, {b}, products), Texts{"coats"});
  EXPECT_TRUE(texts_of(table, {unknown}, products).empty());
  // What it is may change, and be known later.
  products.set("c", {"boots", "", "", "", "", std::nullopt});
  table.forget(products.take_changed());
  EXPECT_EQ(texts_of(table, {unknown}, products), Texts{"boots"});
}

TEST(ItemTable, AnItemIsApartFromItsGeneralisations) {
  Products products;
  products.set("a", {"coats", "", "", "north", "", 250'000'000});
  ItemTable table(templates({"{category}/{price_level}", "{brand}/{category}", "{category}", "{brand}"}), levels());
  const Line a = Line::of(0, DiscountLevel::kUnknown);
  table.items_of(std::span(&a, 1), products);
  const auto are_apart = [&](std::string_view one, std::string_view other) {
    const auto& apart = table.apart()[table.number_of(one)];
    return std::find(apart.begin(), apart.end(), table.number_of(other)) != apart.end();
  };
  EXPECT_TRUE(are_apart("coats", "coats/100–300"));
  EXPECT_TRUE(are_apart("coats/100–300", "coats"));
  EXPECT_TRUE(are_apart("north/coats", "coats"));
  EXPECT_TRUE(are_apart("north", "north/coats"));
  EXPECT_FALSE(are_apart("north", "coats"));
  EXPECT_FALSE(are_apart("north/coats", "coats/100–300"));
}

}  // namespace
}  // namespace nudge::rules
