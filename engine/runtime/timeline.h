// A customer's whole history: every fact, correction and note in the order in which it became known.
//
// What came since the last commit is in the task's PendingLog (TimelineTail). At the commit it becomes a chunk in the
// store; or, where commits are many and small, a part of the customer's own record, until that makes a chunk worth its
// key. An entry is one byte (kind + 4 · slot), then the varint length and the bytes of the event or note. The two
// readers: visit_timeline() wherever a customer stands, StoredTimeline for one customer after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/compact_vector.h"
#include "engine/operator.h"
#include "engine/runtime/pending_log.h"
#include "engine/runtime/state_keys.h"
#include "state/change_writer.h"

namespace nudge::runtime {

class TimelineTail {
 public:
  TimelineTail() = default;
  TimelineTail(std::uint32_t chunks, std::string_view open) : chunks_(chunks), open_(open.begin(), open.end()) {}

  void append(PendingLog& log, TimelineEntry::Kind kind, std::uint8_t slot, std::string_view bytes) {
    const char head = static_cast<char>(static_cast<int>(kind) | slot << 2);
    log.append(pending_, {&head, 1}, bytes);
  }
  // Puts what is open and pending as the next chunk where it has `chunk_bytes_least`, and leaves it open otherwise.
  // The log may be cleared after.
  void write(PendingLog& log, state::ChangeWriter& changes, std::uint32_t task, const Hash128& customer,
             std::size_t chunk_bytes_least) {
    if (pending_.empty()) return;
    const std::string_view bytes = log.joined({open_.data(), open_.size()}, pending_);
    pending_ = {};
    if (bytes.size() < chunk_bytes_least) {
      open_.assign(bytes.begin(), bytes.end());
      return;
    }
    changes.put(key::chunk(key::kTimeline, task, customer, chunks_++), bytes);
    open_ = {};
  }
  std::uint32_t chunks() const { return chunks_; }
  // Of the customer's record: behind the chunks, before what is pending.
  std::string_view open() const { return {open_.data(), open_.size()}; }
  std::size_t memory_bytes() const { return open_.capacity(); }
  const PendingLog::Chain& pending() const { return pending_; }

 private:
  std::uint32_t chunks_ = 0;
  PendingLog::Chain pending_;
  CompactVector<char> open_;
};

// Visits all entries, the stored ones and those that wait in the log. A look-up per chunk: for what happens seldom.
Status visit_timeline(const TimelineTail& timeline, const PendingLog& log, const state::Store& store,
                      std::uint32_t task, const Hash128& customer,
                      const std::function<void(const TimelineEntry&)>& visit);

// Reads the stored chunks of one customer with a cursor that stands on the first of them, and leaves it after the
// last; then what is open, which outlives the reader. Nothing may be pending.
class StoredTimeline final : public TimelineReader {
 public:
  StoredTimeline(state::Cursor& cursor, std::uint32_t task, const Hash128& customer, std::string_view open);
  bool next(TimelineEntry& entry) override;
  void rewind() override;
  bool damaged() const { return damaged_; }

 private:
  state::Cursor& cursor_;
  std::string prefix_;
  const std::string_view open_;
  Decoder chunk_{{}};
  std::string copy_;        // the cursor may move before the caller is done
  bool moved_ = false;      // the cursor left the first chunk
  bool open_read_ = false;  // is the chunk under way
  bool damaged_ = false;
};

}  // namespace nudge::runtime
