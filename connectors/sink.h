// Where output records go. What was appended after the last position that a commit recorded is taken back by
// `rewind`, so a crash repeats nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/status.h"

namespace nudge::connectors {

// The length of every topic, by name.
using SinkPosition = std::map<std::string, std::uint64_t>;

class Sink {
 public:
  virtual ~Sink() = default;
  // Starts with empty topics (`rewind` instead goes on with what is there).
  virtual Status reset() = 0;
  virtual Status rewind(const SinkPosition& position) = 0;
  // Appends whole lines, each ended by a line feed.
  virtual Status append(std::string_view topic, std::string_view lines) = 0;
  // Everything appended so far is kept, also through a loss of power; gives the position after it.
  virtual Result<SinkPosition> flush() = 0;
};

}  // namespace nudge::connectors
