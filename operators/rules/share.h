// A share of a whole, as it is configured: exact, so that whether it is met is no matter of rounding.
#pragma once

#include <cstdint>

#include "engine/decimal.h"

namespace nudge::rules {

struct Share {
  static constexpr std::int64_t kOne = 1'000'000'000;
  std::int64_t billionths = 0;

  static Share of(double value);
  double value() const { return static_cast<double>(billionths) / static_cast<double>(kOne); }
  // Whether `part` of `whole` is at least this.
  bool is_met(std::int64_t part, std::int64_t whole) const {
    return static_cast<Int128>(part) * kOne >= static_cast<Int128>(billionths) * whole;
  }
  // The least part of `whole`, at least 1, that meets it.
  std::int64_t least_of(std::int64_t whole) const;
};

}  // namespace nudge::rules
