// Items as templates over what a line of a sale is of: "{category}/{price_level}" makes "coats/100–300" of a line.
//
// An item is known by its text. It generalises another where it is the same with fewer attributes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decimal.h"
#include "engine/status.h"

namespace nudge::rules {

enum class Attribute : std::uint8_t {  // in the order of kAttributeNames
  kProductId,
  kCategory,
  kDepartment,
  kAudience,
  kBrand,
  kColour,
  kPriceLevel,
  kDiscountLevel,
};
inline constexpr std::string_view kAttributeNames[] = {"product_id", "category", "department",  "audience",
                                                       "brand",      "colour",   "price_level", "discount_level"};
inline constexpr std::size_t kAttributes = std::size(kAttributeNames);

// What each attribute of a line says; empty: unknown.
using Values = std::array<std::string_view, kAttributes>;

class Template {
 public:
  // Fails with what is wrong: an attribute that there is not, a brace too many, none at all.
  static Result<Template> parse(std::string_view text);

  // Bits by Attribute.
  std::uint32_t attributes() const { return attributes_; }
  bool uses(Attribute attribute) const { return (attributes_ >> static_cast<int>(attribute) & 1) != 0; }
  // Whether it needs what only the catalogue of products knows.
  bool uses_catalogue() const {
    return (attributes_ &
            ~(1u << static_cast<int>(Attribute::kProductId) | 1u << static_cast<int>(Attribute::kDiscountLevel))) != 0;
  }
  // False where one of the attributes is unknown: then there is no such item.
  bool render(const Values& values, std::string& item) const;

 private:
  struct Part {
    std::string before;                  // text in front of the attribute
    std::optional<Attribute> attribute;  // nothing: the end
  };
  std::vector<Part> parts_;
  std::uint32_t attributes_ = 0;
};

// Levels of the list price in whole units of the currency, rising: "≤100", "100–300", ">300".
class PriceLevels {
 public:
  explicit PriceLevels(std::span<const std::int64_t> bounds);
  std::string_view of(Micro price) const;

 private:
  std::vector<std::int64_t> bounds_;
  std::vector<std::string> names_;
};

// By the discount's share of the line's list value.
enum class DiscountLevel : std::uint8_t { kUnknown, kNone, kUpTo10, kUpTo20, kUpTo30, kMore };
std::string_view name_of(DiscountLevel level);  // empty for unknown

}  // namespace nudge::rules
