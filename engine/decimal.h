// Exact decimals as scaled integers. Money never passes through binary floating point.
//
// Money has six decimals (micro), quantities have three (milli), their products nine (nano).
// Sums of products need 128 bits: 10^9 units at 10^12 each are 10^30 nano.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nudge {

using Micro = std::int64_t;  // Money per unit, 1e-6; |value| < 1e18.
using Milli = std::int64_t;  // A quantity, 1e-3; value < 1e12.
using Int128 = __int128;
using Nano = Int128;  // Money times quantity, 1e-9.

inline constexpr Micro kMicroLimit = 1'000'000'000'000'000'000;
inline constexpr Milli kMilliLimit = 1'000'000'000'000;

constexpr Nano product(Milli quantity, Micro price) { return static_cast<Nano>(quantity) * price; }
constexpr Nano nano_of(Micro money) { return static_cast<Nano>(money) * 1000; }
inline double as_double(Nano value) { return static_cast<double>(value) / 1e9; }

// Parses the JSON number `token` (exponents allowed) times 10^decimals.
// Nothing when it is not a whole number of those units or does not fit below `limit` in size.
std::optional<std::int64_t> parse_json_decimal(std::string_view token, int decimals, std::int64_t limit);
// Parses `-?[0-9]+(\.[0-9]+)?`, as in decimal strings.
std::optional<std::int64_t> parse_plain_decimal(std::string_view text, int decimals, std::int64_t limit);

// Appends the shortest exact decimal: 12, 0.5, -3.25.
void append_decimal(std::string& out, Int128 value, int decimals);
std::string format_decimal(Int128 value, int decimals);

}  // namespace nudge
