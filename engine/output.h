// Where a task's output records go: one JSON line each, in order, per topic.
//
// A record is begun with its key and event time, gets its fields, and is ended; `engine` is added by begin().
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json_writer.h"
#include "engine/time.h"

namespace nudge {

// An output topic is a small number given by OutputTopics in the order of its table.
using OutputTopic = std::uint8_t;

namespace output {
inline constexpr OutputTopic kRfm = 0, kSegments = 1, kScores = 2, kRules = 3, kRecommendations = 4, kTargets = 5,
                             kTargetsState = 6, kPrices = 7, kForecasts = 8, kQuality = 9, kModels = 10,
                             kDeadLetters = 11, kLateEvents = 12;
inline constexpr std::size_t kCount = 13;
inline constexpr std::array<std::string_view, kCount> kNames = {
    "rfm",    "segments",  "scores",  "rules",  "recommendations", "targets",    "targets.state",
    "prices", "forecasts", "quality", "models", "dead_letters",    "late_events"};
}  // namespace output

inline constexpr std::string_view kEngineVersion = "0.1.0";

class Outputs {
 public:
  // Starts a record: {"key":…,"event_time":…,"engine":{…}, and gives the writer for the other members.
  JsonWriter begin(OutputTopic topic, std::string_view key, Millis event_time);
  void end(JsonWriter& writer, OutputTopic topic);
  // The key's record in a compacted topic holds no more. A line of its own form, for sinks that can remove.
  void remove(OutputTopic topic, std::string_view key);

  // Live, what a compacted topic holds is told as it changes; otherwise it is written once, at the end.
  bool is_live() const { return live_; }
  void set_live(bool live) { live_ = live; }

  const std::string& lines(OutputTopic topic) const { return lines_[topic]; }
  std::size_t bytes() const;
  void keep_only(OutputTopic topic);
  void clear();

 private:
  std::array<std::string, output::kCount> lines_;
  bool live_ = false;
};

struct OutputLine {
  std::string_view key;
  bool removes = false;
};
// What a line says of its key, without the line feed. An escaped key is unescaped into `buffer`.
OutputLine parse_output_line(std::string_view line, std::string& buffer);

}  // namespace nudge
