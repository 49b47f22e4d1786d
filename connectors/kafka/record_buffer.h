// Records of one partition between the thread that fetches and the one that reads, in chunks that are handed on whole.
//
// Not for threads: the consumer guards it.
#pragma once

#include <cstdint>
#include <deque>

#include "connectors/source.h"

namespace nudge::connectors::kafka {

class RecordBuffer {
 public:
  // Takes the chunk's content; lines must be in the order of their offsets. Small chunks are joined.
  void push(RawBatch&& chunk);
  // Replaces the batch's content by the first records, at most `records_max` (at least 1) and about `bytes_max` bytes;
  // without the padding behind the last one.
  void take(RawBatch& batch, std::size_t records_max, std::size_t bytes_max);
  bool empty() const { return chunks_.empty(); }
  // Memory that the records take.
  std::size_t bytes() const { return bytes_; }

 private:
  static std::size_t size_of(const RawBatch& chunk) {
    return chunk.bytes.size() + chunk.lines.size() * sizeof(RawBatch::Line);
  }

  std::deque<RawBatch> chunks_;
  std::size_t taken_ = 0;  // lines of the first chunk that are gone
  std::size_t bytes_ = 0;
};

}  // namespace nudge::connectors::kafka
