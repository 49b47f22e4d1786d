#include "operators/rules/products.h"

#include <utility>

namespace nudge::rules {

void ProductFacts::encode(Encoder& out) const {
  for (const std::string* text : {&category, &department, &audience, &brand, &colour}) out.text(*text);
  out.boolean(list_price.has_value());
  if (list_price) out.zigzag(*list_price);
}

void ProductFacts::decode(Decoder& in) {
  for (std::string* text : {&category, &department, &audience, &brand, &colour}) *text = in.text();
  list_price.reset();
  if (in.boolean()) list_price = in.zigzag();
}

std::uint32_t Products::number_of(std::string_view id) {
  const auto [number, is_new] = ids_.number_of(id);
  if (is_new) products_.emplace_back();
  return number;
}

void Products::set(std::string_view id, ProductFacts facts) {
  const std::uint32_t number = number_of(id);
  Product& product = products_[number];
  if (product.facts == facts) return;
  product.facts = std::move(facts);
  if (!std::exchange(product.changed, true)) changed_.push_back(number);
}

std::vector<std::uint32_t> Products::take_changed() {
  for (const std::uint32_t number : changed_) products_[number].changed = false;
  return std::exchange(changed_, {});
}

void Products::encode(Encoder& out) const {
  out.varint(products_.size());
  for (std::uint32_t number = 0; number < products_.size(); ++number) {
    out.text(id(number));
    products_[number].facts.encode(out);
  }
}

bool Products::decode(Decoder& in) {
  products_.clear();
  ids_.clear();
  changed_.clear();
  for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
    const std::uint32_t number = number_of(in.text());
    products_[number].facts.decode(in);
  }
  return in.ok();
}

}  // namespace nudge::rules
