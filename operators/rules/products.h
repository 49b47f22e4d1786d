// What the global part knows of products: by number, in the order in which it heard of them. Numbers stay.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decimal.h"
#include "operators/rules/text_numbers.h"
#include "state/codec.h"

namespace nudge::rules {

struct ProductFacts {
  std::string category, department, audience, brand, colour;  // empty: unknown
  std::optional<Micro> list_price;
  bool operator==(const ProductFacts&) const = default;

  void encode(Encoder& out) const;
  void decode(Decoder& in);
};

class Products {
 public:
  std::uint32_t number_of(std::string_view id);
  std::string_view id(std::uint32_t number) const { return ids_.text(number); }
  const ProductFacts& facts(std::uint32_t number) const { return products_[number].facts; }
  std::size_t size() const { return products_.size(); }

  // What a product is from now on.
  void set(std::string_view id, ProductFacts facts);
  // Those whose facts were set to others since the last call, without repeats.
  std::vector<std::uint32_t> take_changed();

  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 private:
  struct Product {
    ProductFacts facts;
    bool changed = false;
  };
  TextNumbers ids_;
  std::vector<Product> products_;  // by number
  std::vector<std::uint32_t> changed_;
};

}  // namespace nudge::rules
