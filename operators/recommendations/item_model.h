// What the global part has learnt of items, and how what is known of a customer and an item makes a probability: a
// model as tasks adopt it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "engine/decimal.h"
#include "engine/time.h"
#include "operators/recommendations/blend.h"
#include "operators/recommendations/history.h"
#include "operators/recommendations/rhythm.h"

namespace nudge::recommendations {

using ItemNumber = std::uint32_t;  // its place in the model

struct Neighbour {
  ItemNumber item = 0;
  double share = 0;  // of the customers of the one who are customers of the other, too
};

struct ItemFacts {
  std::string text;                   // "coats/100–300"
  double popularity = 0;              // share of the purchases that have it
  Millis lasts = 0;                   // median_gap(), the window at most
  std::optional<Micro> margin;        // of one purchase, mean
  std::vector<std::string> products;  // the most bought ones, the most bought first
  std::vector<Neighbour> neighbours;  // surest first
};

struct ItemModel {
  static constexpr std::string_view kName = "recommendations.items";

  std::vector<ItemFacts> items;  // by text
  RhythmTable rhythms;
  Blend blend;
  std::uint64_t rows_every = 1;  // one in so many purchases is told as rows to learn from

  const ItemNumber* find(ItemHash item) const {
    const auto found = numbers.find(item);
    return found == numbers.end() ? nullptr : &found->second;
  }

  std::string encode() const;
  // Null where the bytes are none that encode() wrote.
  static std::unique_ptr<ItemModel> decode(std::string_view bytes);

 private:
  absl::flat_hash_map<ItemHash, ItemNumber> numbers;
};

}  // namespace nudge::recommendations
