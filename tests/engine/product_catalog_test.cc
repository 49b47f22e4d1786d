// The catalogue of products by hand-worked rows, then on random records against a plain map, with restarts anywhere.
#include "engine/product_catalog.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/support/fake_customer.h"
#include "tests/support/stored_pieces.h"

namespace nudge {
namespace {

using testing::JsonEvents;
using testing::StoredPieces;

std::string record(std::string_view id, Millis at, const std::string& members) {
  return R"({"event_id":"e","event_time":)" + std::to_string(at) + R"(,"product_id":")" + std::string(id) + "\"" +
         (members.empty() ? "" : ",") + members + "}";
}

class ProductCatalogTest : public ::testing::Test {
 protected:
  void take(std::string_view id, Millis at, const std::string& members) {
    catalog_.take(events_(Topic::kProducts, record(id, at, members)));
  }
  const ProductCatalog::Product* find(std::string_view id) const { return catalog_.find(ProductCatalog::key_of(id)); }
  std::string_view category(std::string_view id) const { return catalog_.text(*find(id), ProductAttribute::kCategory); }

  JsonEvents events_;
  ProductCatalog catalog_{3};
};

TEST_F(ProductCatalogTest, TheLatestRecordHoldsWholeAndOfEqualOnesTheLast) {
  EXPECT_EQ(find("milk"), nullptr);
  take("milk", 1'000, R"("category":"dairy","brand":"farm","list_price":1.5)");
  ASSERT_NE(find("milk"), nullptr);
  EXPECT_EQ(category("milk"), "dairy");
  EXPECT_EQ(find("milk")->list_price(), 1'500'000);
  EXPECT_EQ(find("milk")->text(ProductAttribute::kColour), ProductCatalog::kUnknown);
  take("milk", 999, R"("category":"drinks")");
  EXPECT_EQ(category("milk"), "dairy") << "an older one comes later";
  take("milk", 1'000, R"("category":"drinks","list_price":"0")");
  EXPECT_EQ(category("milk"), "drinks");
  EXPECT_EQ(find("milk")->text(ProductAttribute::kBrand), ProductCatalog::kUnknown) << "what is missing is unknown";
  EXPECT_EQ(find("milk")->list_price(), 0);
  take("milk", 2'000, "");
  EXPECT_EQ(find("milk")->list_price(), std::nullopt);
  EXPECT_EQ(find("milk")->event_time(), 2'000);
}

TEST_F(ProductCatalogTest, TheVersionSaysWhetherAnythingIsDifferent) {
  take("milk", 1'000, R"("category":"dairy")");
  const std::uint64_t version = catalog_.version();
  take("milk", 2'000, R"("category":"dairy","name":"Milk")");
  EXPECT_EQ(catalog_.version(), version);
  take("milk", 1'500, R"("category":"drinks")");
  EXPECT_EQ(catalog_.version(), version) << "the record of 2,000 holds";
  take("milk", 2'000, R"("category":"dairy","list_price":1)");
  EXPECT_NE(catalog_.version(), version);
}

TEST_F(ProductCatalogTest, EqualTextsHaveOneNumberAndAFreeOneIsUsedAgain) {
  take("milk", 1'000, R"("category":"white","colour":"white")");
  take("flour", 1'000, R"("category":"baking","colour":"white")");
  const auto white = find("milk")->text(ProductAttribute::kColour);
  EXPECT_EQ(find("milk")->text(ProductAttribute::kCategory), white);
  EXPECT_EQ(find("flour")->text(ProductAttribute::kColour), white);
  take("milk", 2'000, R"("category":"dairy")");
  EXPECT_EQ(catalog_.text(white), "white") << "flour has it";
  take("flour", 2'000, R"("category":"grain")");
  EXPECT_EQ(category("flour"), "grain");
  take("flour", 3'000, R"("category":"corn")");
  EXPECT_EQ(find("flour")->text(ProductAttribute::kCategory), white) << "the lowest free one";
}

TEST_F(ProductCatalogTest, WhatIsTooMuchIsLeftOutAndCounted) {
  for (const char* id : {"a", "b", "c", "d"}) take(id, 1'000, R"("category":"x")");
  EXPECT_EQ(catalog_.size(), 3u);
  EXPECT_EQ(find("d"), nullptr);
  EXPECT_EQ(catalog_.left_out(), 1u);
  const std::string longest(ProductCatalog::kRecordBytesMax - 1, 'y');
  take("a", 2'000, R"("category":")" + longest + "\"");
  EXPECT_EQ(category("a"), longest);
  take("a", 3'000, R"("category":")" + longest + "z\"");
  EXPECT_EQ(category("a"), longest) << "the last one that was not too long";
  EXPECT_EQ(catalog_.left_out(), 2u);
  take("a", 1'000, R"("category":")" + longest + "z\"");
  EXPECT_EQ(catalog_.left_out(), 2u) << "it would not hold anyway";
}

TEST_F(ProductCatalogTest, DamagedPiecesAreRefused) {
  take("milk", 1'000, R"("category":"dairy")");
  StoredPieces stored;
  catalog_.write_pieces(stored);
  ASSERT_EQ(stored.pieces().size(), 3u);
  const auto reads = [&](std::map<std::uint64_t, std::string> pieces) {
    ProductCatalog read(3);
    for (const auto& [number, bytes] : pieces)
      if (!read.read_piece(number, bytes)) return false;
    return read.end_pieces();
  };
  EXPECT_TRUE(reads(stored.pieces()));
  for (const auto& [number, bytes] : stored.pieces()) {
    SCOPED_TRACE(number);
    auto pieces = stored.pieces();
    pieces[number].clear();
    EXPECT_FALSE(reads(pieces));
  }
  auto pieces = stored.pieces();
  pieces.erase(std::next(pieces.begin()));
  EXPECT_FALSE(reads(pieces)) << "a product's text is missing";
}

// What a map of whole records says.
struct Known {
  Millis at = 0;
  std::array<std::string, kProductAttributes> texts;
  std::int64_t price = -1;
};
constexpr const char* kNames[] = {"category", "department", "audience", "brand", "colour"};

void expect_same(const ProductCatalog& catalog, const std::map<std::string, Known>& known) {
  ASSERT_EQ(catalog.size(), known.size());
  for (const auto& [id, expected] : known) {
    const auto* product = catalog.find(ProductCatalog::key_of(id));
    ASSERT_NE(product, nullptr) << id;
    EXPECT_EQ(catalog.id(*product), id);
    EXPECT_EQ(product->event_time(), expected.at);
    EXPECT_EQ(product->list_price().value_or(-1), expected.price);
    for (std::size_t i = 0; i < kProductAttributes; ++i)
      EXPECT_EQ(catalog.text(*product, static_cast<ProductAttribute>(i)), expected.texts[i]);
  }
}

TEST(ProductCatalog, RandomRecordsAgainstAMapWithRestartsAnywhere) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    JsonEvents events;
    std::map<std::string, Known> known;
    constexpr std::size_t kMost = 20;
    std::uint64_t left_out = 0;
    ProductCatalog whole(kMost);
    auto restarted = std::make_unique<ProductCatalog>(kMost);
    StoredPieces stored;
    for (int step = 0; step < 400; ++step) {
      const std::string id = "p" + std::to_string(random() % 25);
      Known next{static_cast<Millis>(random() % 200 + static_cast<unsigned>(step)), {}, -1};
      std::string members;
      for (std::size_t i = 0; i < kProductAttributes; ++i) {
        if (random() % 3 == 0) continue;
        next.texts[i] = "text " + std::to_string(random() % 12);
        members += (members.empty() ? "\"" : ",\"") + std::string(kNames[i]) + R"(":")" + next.texts[i] + '"';
      }
      if (random() % 2 == 0) {
        next.price = static_cast<std::int64_t>(random() % 5) * 1'000'000;
        members +=
            (members.empty() ? R"("list_price":)" : R"(,"list_price":)") + std::to_string(next.price / 1'000'000);
      }
      const Event event = events(Topic::kProducts, record(id, next.at, members));
      whole.take(event);
      restarted->take(event);
      const auto found = known.find(id);
      if (found == known.end() && known.size() == kMost)
        ++left_out;
      else if (found == known.end() || next.at >= found->second.at)
        known[id] = next;
      if (random() % 10 == 0) restarted->write_pieces(stored);
      if (random() % 20 == 0) {
        restarted->write_pieces(stored);
        restarted = std::make_unique<ProductCatalog>(kMost);
        for (const auto& [number, bytes] : stored.pieces()) ASSERT_TRUE(restarted->read_piece(number, bytes));
        ASSERT_TRUE(restarted->end_pieces());
      }
    }
    for (const ProductCatalog* catalog : {&whole, restarted.get()}) {
      expect_same(*catalog, known);
      EXPECT_EQ(catalog->left_out(), left_out);
    }
    EXPECT_EQ(restarted->version(), whole.version());
    for (std::size_t number = 0; number < whole.size(); ++number) {
      EXPECT_EQ(restarted->id((*restarted)[number]), whole.id(whole[number]));
      for (std::size_t i = 0; i < kProductAttributes; ++i)
        EXPECT_EQ((*restarted)[number].text(static_cast<ProductAttribute>(i)),
                  whole[number].text(static_cast<ProductAttribute>(i)));
    }
  }
}

TEST(ProductCatalog, AProductTakesAboutTheBytesThatTheReferenceTells) {
  JsonEvents events;
  ProductCatalog catalog(100'000);
  for (int i = 0; i < 20'000; ++i)
    catalog.take(
        events(Topic::kProducts, record("product-" + std::to_string(i), i,
                                        R"("category":"c)" + std::to_string(i % 300) + R"(","brand":"b)" +
                                            std::to_string(i % 2'000) + R"(","list_price":)" + std::to_string(i))));
  StoredPieces stored;
  catalog.write_pieces(stored);
  EXPECT_LT(catalog.memory_bytes(), 20'000u * 160);
  EXPECT_GT(catalog.memory_bytes(), 20'000u * 60);
}

}  // namespace
}  // namespace nudge
