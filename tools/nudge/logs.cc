#include "tools/nudge/logs.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "engine/time.h"

namespace nudge::program {
namespace {

void append_json_text(spdlog::memory_buf_t& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(fmt::appender(out), "\\u{:04x}", static_cast<int>(c));
      continue;
    }
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

// {"time":…,"level":…,"message":…}
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch()).count();
    const auto level = spdlog::level::to_string_view(message.level);
    fmt::format_to(fmt::appender(out), R"({{"time":"{}","level":"{}","message":)", format_time(since),
                   std::string_view(level.data(), level.size()));
    append_json_text(out, {message.payload.data(), message.payload.size()});
    constexpr std::string_view kEnd = "}\n";
    out.append(kEnd.data(), kEnd.data() + kEnd.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

spdlog::color_mode color_mode_of(const std::string& color) {
  if (color == "always") return spdlog::color_mode::always;
  const char* no_color = std::getenv("NO_COLOR");
  if (color == "never" || (no_color && *no_color)) return spdlog::color_mode::never;
  return spdlog::color_mode::automatic;
}

}  // namespace

void configure_logs(const LogOptions& options) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(color_mode_of(options.color));
  auto logger = std::make_shared<spdlog::logger>("nudge", std::move(sink));
  logger->set_level(spdlog::level::from_str(options.level));
  if (options.format == "json") {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    // On a terminal the rest of a progress bar is cleared before the line.
    const std::string clear = isatty(STDERR_FILENO) != 0 ? "\x1b[K" : "";
    logger->set_pattern(clear + "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  }
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace nudge::program
