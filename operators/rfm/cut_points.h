// Recency, frequency and money as classes 1–5 among all customers with an order.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/decimal.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge::rfm {

inline constexpr std::string_view kCutPointsName = "rfm.cut_points";
inline constexpr std::size_t kCuts = 4;  // at 20, 40, 60 and 80 %

// What a customer with an order is ranked by.
struct Standing {
  Millis last_order_at = 0;
  std::uint64_t orders = 0;
  Nano net = 0;
  bool operator==(const Standing&) const = default;
};

struct Classes {
  std::uint8_t r = 0, f = 0, m = 0;
  bool operator==(const Classes&) const = default;
};

// The values of rank ⌈np⌉ of each measure, rising.
struct CutPoints {
  std::array<Millis, kCuts> last_order_at = {};
  std::array<std::int64_t, kCuts> orders = {};
  std::array<Nano, kCuts> net = {};

  // One more than the number of cut points below the value.
  Classes classes_of(const Standing& standing) const;
  void encode(Encoder& out) const;
  // Nothing where the bytes are none that encode() wrote.
  static std::optional<CutPoints> decode(std::string_view bytes);
  bool operator==(const CutPoints&) const = default;
};

}  // namespace nudge::rfm
