// Buckets of whole numbers whose width grows with the number, as in a DDSketch: an exponent and the leading bits.
#pragma once

#include <bit>
#include <cstdint>

namespace nudge::rfm {

// Numbers below 2^(mantissa_bits + 1) have buckets of their own; above, a bucket is 2^-mantissa_bits of its beginning
// wide. Rising with the value.
constexpr std::uint32_t log_bucket(std::uint64_t value, int mantissa_bits) {
  const int bits = static_cast<int>(std::bit_width(value)),
            shift = bits > mantissa_bits + 1 ? bits - 1 - mantissa_bits : 0;
  return (static_cast<std::uint32_t>(shift) << mantissa_bits) + static_cast<std::uint32_t>(value >> shift);
}

}  // namespace nudge::rfm
