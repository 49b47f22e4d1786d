// A progress bar of a replay, for people: it is drawn on stderr only if that is a terminal.
//
// One thread. Reads the wall clock, which nothing else of a replay does.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "engine/runtime/replay.h"

namespace nudge::program {

// ` 42 % ━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 1.2M events  350k/s  2024-03-01`.
std::string progress_line(const ReplayProgress& progress, double seconds);
// Three digits: 999, 1.2k, 35M.
std::string short_count(double count);

class Progress {
 public:
  Progress();
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Draws at most ten times a second.
  void update(const ReplayProgress& progress);
  // Takes the bar away.
  void finish();
  // Logs one line: what was done with how many events, how fast, and where the results are.
  void log_summary(std::string_view done, std::uint64_t events, std::string_view output) const;

 private:
  using Clock = std::chrono::steady_clock;
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  const bool terminal_;
  const Clock::time_point begin_;
  Clock::time_point drawn_;
  bool shown_ = false;
};

}  // namespace nudge::program
