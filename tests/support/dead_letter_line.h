// A record of dead_letters as the engine writes it.
#pragma once

#include <absl/strings/escaping.h>

#include <string>

#include "tools/nudge/dead_letters/dead_letter.h"

namespace nudge::dead_letters {

// `place` is one: care/0/17. Without a line feed.
inline std::string letter_line(const std::string& place, const std::string& error_class, const std::string& raw) {
  const Place at = *parse_place(place);
  return R"({"key":")" + place + R"(","event_time":"2024-01-01T00:00:00.000Z","topic":")" +
         std::string(name_of(at.topic)) + R"(","partition":)" + std::to_string(at.partition) + R"(,"offset":)" +
         std::to_string(at.offset) + R"(,"error_class":")" + error_class + R"(","message":"no","raw":")" +
         absl::Base64Escape({raw.data(), raw.size()}) + "\"}";
}

}  // namespace nudge::dead_letters
