#include "tools/nudge/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "engine/log.h"

namespace nudge::program {
namespace {

constexpr int kBarWidth = 24;
constexpr std::chrono::milliseconds kDrawInterval(100);

double rate(double count, double seconds) { return seconds > 0 ? count / seconds : 0; }

}  // namespace

std::string short_count(double count) {
  constexpr std::string_view kUnits[] = {"", "k", "M", "G", "T"};
  std::size_t unit = 0;
  while (count >= 999.5 && unit + 1 < std::size(kUnits)) {
    count /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f}{}", count, unit > 0 && count < 9.95 ? 1 : 0, kUnits[unit]);
}

std::string progress_line(const ReplayProgress& progress, double seconds) {
  const double total = static_cast<double>(std::max<std::uint64_t>(progress.bytes_total, 1));
  const double share = std::clamp(static_cast<double>(progress.bytes_read) / total, 0.0, 1.0);
  const int filled = static_cast<int>(share * kBarWidth);
  std::string line = fmt::format("{:3d} % ", static_cast<int>(share * 100));
  for (int i = 0; i < kBarWidth; ++i) line += i < filled ? "━" : "╌";
  const double events = static_cast<double>(progress.events);
  line += fmt::format(" {} events  {}/s", short_count(events), short_count(rate(events, seconds)));
  if (progress.event_time >= 0 && progress.event_time <= kLastTime)
    line += "  " + format_time(progress.event_time).substr(0, 10);
  return line;
}

Progress::Progress() : terminal_(isatty(STDERR_FILENO) != 0), begin_(Clock::now()), drawn_(begin_ - kDrawInterval) {}

void Progress::update(const ReplayProgress& progress) {
  if (!terminal_) return;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < kDrawInterval) return;
  drawn_ = now;
  shown_ = true;
  // The cursor stays at the line's begin, so that a log line takes the bar's place.
  std::fprintf(stderr, "\r\x1b[K%s\r", progress_line(progress, seconds()).c_str());
  std::fflush(stderr);
}

void Progress::finish() {
  if (!shown_) return;
  shown_ = false;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

void Progress::log_summary(std::string_view done, std::uint64_t events, std::string_view output) const {
  const double took = seconds();
  log::info("{} events={} seconds={:.2f} events_per_second={:.0f} output={}", done, events, took,
            rate(static_cast<double>(events), took), output);
}

}  // namespace nudge::program
