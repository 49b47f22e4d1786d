// A bounded backtest from files: the same operators as `run`, in the ideal order, as fast as the machine goes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "config/application.h"
#include "engine/metrics.h"
#include "engine/status.h"
#include "engine/time.h"

namespace nudge {

struct ReplayProgress {
  std::uint64_t bytes_read = 0, bytes_total = 0;
  std::uint64_t events = 0;
  Millis event_time = 0;
};

struct ReplayOptions {
  std::string input_dir;  // empty: as configured
  std::string output_dir;
  std::optional<Millis> from, until;
  std::optional<int> threads;
  // Of Kafka's topics: in the order of all input even where a live run has cut its rounds otherwise.
  bool ideal_order = false;
  double speed = 0;  // event time over time on the wall; 0: as fast as possible
  std::function<void(const ReplayProgress&)> progress;
  // Asked after every step. True ends the replay, which fails; what it left can be resumed.
  std::function<bool()> stops;
  Metrics* metrics = nullptr;  // is told how it gets on, from here to the end
  // The process ends right after: what a million customers hold is left to its end instead of being freed one by one.
  bool process_ends = false;
};

struct ReplaySummary {
  std::uint64_t events = 0;
  std::string report;  // report.json
  bool resumed = false;
};

// Writes every output topic, report.json and report.html into the output folder.
Result<ReplaySummary> replay(const config::Application& application, const ReplayOptions& options);

}  // namespace nudge
