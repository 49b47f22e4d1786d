// What a task tells the global part, entry by entry: the words of the log between the two.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/hash.h"
#include "engine/time.h"
#include "operators/rules/products.h"
#include "operators/rules/templates.h"
#include "state/codec.h"

namespace nudge::rules {

enum class Told : std::uint8_t { kSale, kSaleGone, kSegments, kErased, kProduct };

struct ToldLine {
  std::string_view product;
  DiscountLevel discount = DiscountLevel::kUnknown;
};

// One entry; what its kind does not need is empty.
struct Entry {
  Told kind = Told::kSale;
  Hash128 customer;
  std::uint64_t transaction = 0;
  Millis time = 0;
  std::uint64_t segments = 0;
  std::vector<ToldLine> lines;  // of different products or levels
  std::string_view product;
  ProductFacts facts;

  void encode(Encoder& out) const;
  // Text is borrowed from the decoder's input.
  bool decode(Decoder& in);
};

}  // namespace nudge::rules
