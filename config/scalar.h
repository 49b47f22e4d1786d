// The texts of numbers and the like in a configuration, and how bounds are written for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/parameter.h"

namespace nudge::config {

// `true` or `false`, also capitalised; not yes, no, on, off.
std::optional<bool> parse_boolean(std::string_view text);
// Decimal digits with an optional sign, within 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);
// A finite decimal number with an optional exponent.
std::optional<double> parse_real(std::string_view text);
// Bytes: `65536`, `64MiB`; KB MB GB count in thousands, KiB MiB GiB in 1,024s.
std::optional<std::int64_t> parse_size(std::string_view text);

// In the largest unit that divides it: 64MiB.
std::string format_size(std::int64_t bytes);
// A bound as the parameter's values are written: 7d, 64MiB, 0.5.
std::string format_bound(Kind kind, double bound);
// ` from 1 to 1024`, ` of at least 1ms`, or nothing.
std::string format_range(const Parameter& parameter);
// What would be right: `a whole number from 1 to 1024`.
std::string expected(const Parameter& parameter);

}  // namespace nudge::config
