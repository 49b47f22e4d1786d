// What the lifetime models know of a customer with an order.
#pragma once

#include <cstdint>

#include "engine/decimal.h"
#include "engine/time.h"

namespace nudge::rfm {

struct Purchases {
  std::uint64_t orders = 1;
  Millis first_at = 0, last_at = 0;
  Int128 repeat_micro = 0;  // what all orders but the first are worth, before returns
  bool operator==(const Purchases&) const = default;
};

}  // namespace nudge::rfm
