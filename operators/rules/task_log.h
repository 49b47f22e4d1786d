// What a task has to tell the global part since the last partial, in the order in which it happened: a log that a
// commit stores in pieces, so that it writes what has come since the one before. The partial is the log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/operator.h"

namespace nudge::rules {

class TaskLog {
 public:
  // Where the next entry is appended; end_entry() after each.
  std::string& open() { return open_; }
  void end_entry();
  // All of it; the log is empty from here.
  std::string take();
  std::size_t memory_bytes() const { return whole_.size() + open_.size(); }

  void write(PieceWriter& out);
  // In rising order, after which it goes on as it was. False where one is missing.
  bool read(std::uint64_t number, std::string_view piece);

 private:
  std::string whole_;              // sealed pieces, one behind the other
  std::vector<std::size_t> ends_;  // of them
  std::string open_;               // the last piece, in which there is room
  std::size_t written_ = 0;        // sealed pieces that are stored
  std::size_t stored_ = 0;         // all pieces that are stored
  bool open_changed_ = false;
};

}  // namespace nudge::rules
