// A value of a column: what SQL expressions, features and reasons see of a customer or an event.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

namespace nudge {

enum class ValueType : std::uint8_t { kInteger, kReal, kText };

// monostate: unknown. Text is borrowed from the state that it was read from.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view>;

inline bool is_known(const Value& value) { return value.index() != 0; }
// Numbers as double; anything else gives `fallback`.
inline double as_real(const Value& value, double fallback) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return fallback;
}

}  // namespace nudge
