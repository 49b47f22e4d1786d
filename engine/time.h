// Event time: integer milliseconds since 1970-01-01T00:00:00Z. No function here reads a clock.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace nudge {

using Millis = std::int64_t;

inline constexpr Millis kSecond = 1'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour,
                        kWeek = 7 * kDay;
inline constexpr Millis kLastTime = 253'402'300'799'999;  // The end of the year 9999.
inline constexpr Millis kNever = std::numeric_limits<Millis>::max();
inline constexpr Millis kBeforeAll = -1;  // No event has been seen; event times are not negative.

inline constexpr std::size_t kTimeTextBytes = 24;  // 2024-01-01T00:00:00.000Z

// Writes exactly kTimeTextBytes characters; `time` lies in [0, kLastTime].
void write_time(Millis time, char* out);
std::string format_time(Millis time);

// RFC 3339 with an offset, seconds up to 59, any number of fraction digits (cut to milliseconds).
// Nothing for other text or for a time outside the years 1970 to 9999.
std::optional<Millis> parse_time(std::string_view text);

// `100ms`, `5s`, `30m`, `3h`, `7d`, `12w`.
std::optional<Millis> parse_duration(std::string_view text);
std::string format_duration(Millis duration);

}  // namespace nudge
