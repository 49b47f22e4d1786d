// How the program writes its log to stderr: for people, or one JSON object a line.
#pragma once

#include <string>

namespace nudge::program {

struct LogOptions {
  std::string level = "info";   // trace, debug, info, warn, error, off
  std::string format = "text";  // text, json
  std::string color = "auto";   // auto, always, never; auto: a terminal and no NO_COLOR
};

// Sets up the default logger of spdlog. To be called once, before any thread is started.
void configure_logs(const LogOptions& options);

}  // namespace nudge::program
