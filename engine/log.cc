#include "engine/log.h"

#include <spdlog/spdlog.h>

#include <iterator>

namespace nudge::log {
namespace {

spdlog::level::level_enum of(Level level) {
  switch (level) {
    case Level::kTrace:
      return spdlog::level::trace;
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

bool is_on(Level level) { return spdlog::should_log(of(level)); }

void write(Level level, fmt::string_view format, fmt::format_args values) {
  fmt::memory_buffer words;
  fmt::vformat_to(std::back_inserter(words), format, values);
  spdlog::default_logger_raw()->log(of(level), spdlog::string_view_t(words.data(), words.size()));
}

}  // namespace nudge::log
