// The program's log: spdlog's default logger, which main sets up (tools/nudge/logs.h). Any thread.
//
// Here, not at spdlog's own header, because every file that includes that one compiles all of its formatting anew.
#pragma once

#include <fmt/core.h>

#include <utility>

namespace nudge::log {

enum class Level { kTrace, kDebug, kInfo, kWarning, kError };

bool is_on(Level level);
void write(Level level, fmt::string_view format, fmt::format_args values);

template <typename... Values>
void put(Level level, fmt::format_string<Values...> format, Values&&... values) {
  if (is_on(level)) write(level, format, fmt::make_format_args(values...));
}

template <typename... Values>
void trace(fmt::format_string<Values...> format, Values&&... values) {
  put<Values...>(Level::kTrace, format, std::forward<Values>(values)...);
}
template <typename... Values>
void debug(fmt::format_string<Values...> format, Values&&... values) {
  put<Values...>(Level::kDebug, format, std::forward<Values>(values)...);
}
template <typename... Values>
void info(fmt::format_string<Values...> format, Values&&... values) {
  put<Values...>(Level::kInfo, format, std::forward<Values>(values)...);
}
template <typename... Values>
void warn(fmt::format_string<Values...> format, Values&&... values) {
  put<Values...>(Level::kWarning, format, std::forward<Values>(values)...);
}
template <typename... Values>
void error(fmt::format_string<Values...> format, Values&&... values) {
  put<Values...>(Level::kError, format, std::forward<Values>(values)...);
}

}  // namespace nudge::log
