// What a task tells the global part beside the sales: rows to learn from, and what sales earned.
#pragma once

#include <string_view>
#include <vector>

#include "operators/recommendations/blend.h"
#include "operators/recommendations/margins.h"

namespace nudge::recommendations {

enum class Telling : std::uint8_t { kRows, kEarned, kEarnedNot };

// One sale's lines; product ids are borrowed.
struct EarnedBySale {
  Millis time = 0;
  std::vector<std::pair<std::string_view, Nano>> lines;

  void encode(Telling kind, Encoder& out) const;
  void decode(Decoder& in);
};

// All rows of one purchase.
void encode_rows(std::span<const Row> rows, Encoder& out);
void decode_rows(Decoder& in, std::vector<Row>& rows);

}  // namespace nudge::recommendations
