// A value of a column: what SQL expressions, features and reasons see of a customer or an event.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "engine/time.h"

namespace nudge {

enum class ValueType : std::uint8_t { kInteger, kReal, kText };

// monostate: unknown. Text is borrowed from the state that it was read from, or see time_value().
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view>;

inline bool is_known(const Value& value) { return value.index() != 0; }
// Numbers as double; anything else gives `fallback`.
inline double as_real(const Value& value, double fallback) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return fallback;
}

// A time as text, for a column: valid until the same place of the code asks again on this thread.
template <typename Place = decltype([] {})>
Value time_value(Millis time) {
  thread_local std::array<char, kTimeTextBytes> text;
  write_time(time, text.data());
  return std::string_view(text.data(), text.size());
}

}  // namespace nudge
