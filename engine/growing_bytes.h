// Which pieces of a text that mostly grows at its end are stored, so that a commit writes what has come and not all of
// it. The text itself is its owner's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/operator.h"

namespace nudge {

class GrowingBytes {
 public:
  // The first bytes are no longer those that are stored.
  void replaced() { stored_ = 0; }

  // Writes the pieces that have changed, numbered from `first` on.
  void write(std::string_view text, std::uint64_t first, PieceWriter& out) {
    const std::size_t pieces = (text.size() + kPieceBytes - 1) / kPieceBytes;
    for (std::size_t piece = std::min(stored_, text.size()) / kPieceBytes; piece < std::max(pieces, pieces_); ++piece) {
      const std::size_t begin = piece * kPieceBytes, end = std::min(begin + kPieceBytes, text.size());
      if (piece >= pieces)
        out.erase(first + piece);
      else if (end > stored_ || end < std::min(begin + kPieceBytes, stored_))
        out.put(first + piece, text.substr(begin, end - begin));
    }
    stored_ = text.size();
    pieces_ = pieces;
  }
  // The stored pieces come in rising order.
  void read(std::string& text, std::string_view piece) {
    text.append(piece);
    stored_ = text.size();
    ++pieces_;
  }

 private:
  static constexpr std::size_t kPieceBytes = 4 << 10;
  std::size_t stored_ = 0;  // of the text's bytes, from its beginning
  std::size_t pieces_ = 0;
};

}  // namespace nudge
