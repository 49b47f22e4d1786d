// The items of one rule set: which of them a line of a sale has, what each is made of, and which may not be in one rule
// since the one is the other with fewer attributes.
//
// Two templates that make the same text of a line make one item, with the attributes of the first of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "operators/rules/item.h"
#include "operators/rules/products.h"
#include "operators/rules/templates.h"
#include "operators/rules/text_numbers.h"

namespace nudge::rules {

// A line of a sale: the product's number and the level of its discount.
struct Line {
  static constexpr int kLevelBits = 3;
  std::uint32_t value = 0;

  static Line of(std::uint32_t product, DiscountLevel level) {
    return {product << kLevelBits | static_cast<std::uint32_t>(level)};
  }
  std::uint32_t product() const { return value >> kLevelBits; }
  DiscountLevel discount() const { return static_cast<DiscountLevel>(value & ((1u << kLevelBits) - 1)); }
  auto operator<=>(const Line&) const = default;
};

class ItemTable {
 public:
  ItemTable(std::vector<Template> templates, PriceLevels price_levels)
      : templates_(std::move(templates)), price_levels_(std::move(price_levels)) {}

  // The different items of a basket, rising; until the next call.
  std::span<const Item> items_of(std::span<const Line> lines, const Products& products);
  // These products are something else from now on.
  void forget(std::span<const std::uint32_t> products);

  std::size_t size() const { return items_.size(); }
  // By its text; one that no line had yet gets a number, and nothing that it is made of.
  Item number_of(std::string_view text);
  const std::string& text(Item item) const { return texts_.text(item); }
  // The attributes that make it and what they are, in the order of Attribute.
  std::span<const std::pair<Attribute, std::string>> attributes(Item item) const { return items_[item].attributes; }
  // By item: those that it generalises or that generalise it.
  const std::vector<std::vector<Item>>& apart() const { return apart_; }

 private:
  struct Known {
    std::size_t of_template = 0;
    std::vector<std::pair<Attribute, std::string>> attributes;
  };
  const std::vector<Item>& items_of(Line line, const Products& products);
  Item number_of(std::size_t of_template, const Values& values);
  void set_apart(std::span<const Item> of_line);

  std::vector<Template> templates_;
  PriceLevels price_levels_;
  absl::flat_hash_map<std::uint32_t, std::vector<Item>> by_line_;
  TextNumbers texts_;
  std::vector<Known> items_;  // by number
  std::vector<std::vector<Item>> apart_;
  std::vector<Item> basket_;
  std::string text_;
};

}  // namespace nudge::rules
