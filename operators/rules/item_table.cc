#include "operators/rules/item_table.h"

#include <algorithm>

namespace nudge::rules {
namespace {

Values values_of(Line line, const Products& products, const PriceLevels& price_levels) {
  const ProductFacts& facts = products.facts(line.product());
  Values values;
  const auto set = [&](Attribute attribute, std::string_view value) {
    values[static_cast<std::size_t>(attribute)] = value;
  };
  set(Attribute::kProductId, products.id(line.product()));
  set(Attribute::kCategory, facts.category);
  set(Attribute::kDepartment, facts.department);
  set(Attribute::kAudience, facts.audience);
  set(Attribute::kBrand, facts.brand);
  set(Attribute::kColour, facts.colour);
  if (facts.list_price) set(Attribute::kPriceLevel, price_levels.of(*facts.list_price));
  set(Attribute::kDiscountLevel, name_of(line.discount()));
  return values;
}

}  // namespace

std::span<const Item> ItemTable::items_of(std::span<const Line> lines, const Products& products) {
  basket_.clear();
  for (const Line line : lines) {
    const std::vector<Item>& items = items_of(line, products);
    basket_.insert(basket_.end(), items.begin(), items.end());
  }
  std::sort(basket_.begin(), basket_.end());
  basket_.erase(std::unique(basket_.begin(), basket_.end()), basket_.end());
  return basket_;
}

const std::vector<Item>& ItemTable::items_of(Line line, const Products& products) {
  const auto [found, is_new] = by_line_.try_emplace(line.value);
  if (!is_new) return found->second;
  const Values values = values_of(line, products, price_levels_);
  std::vector<Item> items;
  for (std::size_t i = 0; i < templates_.size(); ++i)
    if (templates_[i].render(values, text_)) items.push_back(number_of(i, values));
  set_apart(items);
  found->second = std::move(items);
  return found->second;
}

void ItemTable::forget(std::span<const std::uint32_t> products) {
  for (const std::uint32_t product : products)
    for (std::uint32_t level = 0; level < 1u << Line::kLevelBits; ++level)
      by_line_.erase(Line::of(product, static_cast<DiscountLevel>(level)).value);
}

Item ItemTable::number_of(std::string_view text) {
  const auto [item, is_new] = texts_.number_of(text);
  if (is_new) {
    items_.push_back({templates_.size(), {}});
    apart_.emplace_back();
  }
  return item;
}

// The text of the item is in text_.
Item ItemTable::number_of(std::size_t of_template, const Values& values) {
  const Item item = number_of(text_);
  if (items_[item].of_template <= of_template) return item;
  Known& known = items_[item];
  known.of_template = of_template;
  known.attributes.clear();
  for (std::size_t i = 0; i < kAttributes; ++i)
    if (templates_[of_template].uses(static_cast<Attribute>(i)))
      known.attributes.emplace_back(static_cast<Attribute>(i), values[i]);
  return item;
}

// What has an item has those that generalise it too, so both meet in the items of one line.
void ItemTable::set_apart(std::span<const Item> of_line) {
  for (const Item item : of_line) {
    const auto& own = items_[item].attributes;
    for (const Item other : of_line) {
      const auto& fewer = items_[other].attributes;
      if (fewer.size() >= own.size() || !std::includes(own.begin(), own.end(), fewer.begin(), fewer.end())) continue;
      if (std::find(apart_[item].begin(), apart_[item].end(), other) != apart_[item].end()) continue;
      apart_[item].push_back(other);
      apart_[other].push_back(item);
    }
  }
}

}  // namespace nudge::rules
