#include "connectors/kafka/record_buffer.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"

namespace nudge::connectors::kafka {
namespace {

constexpr std::size_t kJoinedBytesMax = 256 << 10;

// Where a line's bytes begin: key, value and headers lie one behind the other.
std::uint32_t begin_of(const RawBatch::Line& line) { return line.key_begin; }

// Appends lines [first, last) of `from` with their bytes, which end at `bytes_end`.
void append(RawBatch& to, const RawBatch& from, std::size_t first, std::size_t last, std::size_t bytes_end) {
  const std::size_t begin = begin_of(from.lines[first]);
  const auto shift = static_cast<std::uint32_t>(to.bytes.size() - begin);  // modulo 2^32: back or forth
  to.bytes.append(from.bytes, begin, bytes_end - begin);
  for (std::size_t i = first; i < last; ++i) {
    RawBatch::Line line = from.lines[i];
    for (std::uint32_t* place : {&line.begin, &line.json_begin, &line.key_begin, &line.headers_begin}) *place += shift;
    to.lines.push_back(line);
  }
}

}  // namespace

void RecordBuffer::push(RawBatch&& chunk) {
  if (chunk.lines.empty()) return;
  bytes_ += size_of(chunk);
  if (!chunks_.empty() && chunks_.back().bytes.size() + chunk.bytes.size() <= kJoinedBytesMax) {
    append(chunks_.back(), chunk, 0, chunk.lines.size(), chunk.bytes.size());
  } else {
    chunks_.push_back(std::move(chunk));
  }
}

void RecordBuffer::take(RawBatch& batch, std::size_t records_max, std::size_t bytes_max) {
  NUDGE_CHECK(records_max > 0, "a read takes records");
  batch.lines.clear();
  batch.bytes.clear();
  while (!chunks_.empty()) {
    RawBatch& chunk = chunks_.front();
    const std::size_t left = chunk.lines.size() - taken_;
    const std::size_t begin = begin_of(chunk.lines[taken_]);
    const bool first = batch.lines.empty();
    if (!first && (batch.lines.size() >= records_max || batch.bytes.size() >= bytes_max)) return;
    if (first && taken_ == 0 && left <= records_max && chunk.bytes.size() <= bytes_max) {
      bytes_ -= size_of(chunk);
      std::swap(batch, chunk);
      chunks_.pop_front();
      continue;
    }
    // The lines that fit, and at least one of an empty batch.
    std::size_t last = taken_;
    const auto end_of = [&](std::size_t line) {
      return line + 1 < chunk.lines.size() ? begin_of(chunk.lines[line + 1]) : chunk.bytes.size();
    };
    while (last < chunk.lines.size() && batch.lines.size() + (last - taken_) < records_max &&
           ((first && last == taken_) || batch.bytes.size() + end_of(last) - begin <= bytes_max))
      ++last;
    if (last == taken_) return;
    append(batch, chunk, taken_, last, end_of(last - 1));
    if (last < chunk.lines.size()) {
      taken_ = last;  // the memory is counted until the whole chunk is gone
      return;
    }
    bytes_ -= size_of(chunk);
    chunks_.pop_front();
    taken_ = 0;
  }
}

}  // namespace nudge::connectors::kafka
