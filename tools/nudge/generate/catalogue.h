// What the planted shop sells, and to whom: categories, price levels and the eight customer segments.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/decimal.h"

namespace nudge::generate {

// Seven categories are bought at will; the rules speak of `care` and `boots`, the demand curve of `candles`.
enum class Category : std::uint8_t {
  kShirts,
  kTrousers,
  kShoes,
  kCoats,
  kBags,
  kBelts,
  kSocks,
  kCare,
  kBoots,
  kCandles
};
inline constexpr int kFreeCategories = 7, kCategories = 10;
inline constexpr std::array<std::string_view, kCategories> kCategoryNames = {
    "shirts", "trousers", "shoes", "coats", "bags", "belts", "socks", "care", "boots", "candles"};
inline constexpr std::array<double, kFreeCategories> kCategoryShares = {.2, .16, .18, .14, .1, .08, .14};
constexpr std::string_view name_of(Category category) { return kCategoryNames[static_cast<int>(category)]; }

enum class PriceLevel : std::uint8_t { kLow, kHigh };
inline constexpr int kProductsPerLevel = 3;
inline constexpr std::array<std::array<Micro, kProductsPerLevel>, 2> kPrices = {
    {{19'000'000, 39'000'000, 79'000'000}, {129'000'000, 259'000'000, 389'000'000}}};
inline constexpr std::array<std::string_view, kProductsPerLevel> kBrands = {"north", "south", "west"};

struct Product {
  Category category = Category::kShirts;
  PriceLevel level = PriceLevel::kLow;
  std::uint8_t number = 0;

  std::string id() const;  // shoes-low-1; the candle is `candle`
  Micro list_price() const { return kPrices[static_cast<int>(level)][number]; }
};
inline constexpr std::string_view kCandle = "candle";
std::string_view department_of(Category category);

// Age sets the price level, the city's size the rate, gender the discount.
struct Segment {
  bool woman = false, big_city = false, young = false;

  static Segment of(std::uint64_t customer) {
    const auto place = customer % 8;
    return {.woman = place < 4, .big_city = place % 4 < 2, .young = place % 2 == 0};
  }
  std::string name() const;   // women_big_young
  std::string where() const;  // SQL over `customers`
  std::string_view gender() const { return woman ? "F" : "M"; }
  std::string_view city_size() const { return big_city ? "big" : "small"; }
  std::string_view age_band() const { return young ? "18-39" : "40+"; }
  PriceLevel price_level() const { return young ? PriceLevel::kLow : PriceLevel::kHigh; }
  int discount_percent() const { return woman ? 30 : 0; }
  // The one segment in which the basket rule holds.
  bool has_basket_rule() const { return woman && big_city && young; }
};
inline constexpr int kSegments = 8;

}  // namespace nudge::generate
