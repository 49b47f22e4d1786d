// A customer's whole history: every fact, correction and note in the order in which it became known.
//
// What came since the last commit is in the task's PendingLog (TimelineTail) and becomes one chunk in the store at the
// commit. An entry is one byte (kind + 4 · slot), then the varint length and the bytes of the event or note. The two
// readers: visit_timeline() wherever a customer stands, StoredTimeline for one customer after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/operator.h"
#include "engine/runtime/pending_log.h"
#include "engine/runtime/state_keys.h"
#include "state/change_writer.h"

namespace nudge::runtime {

class TimelineTail {
 public:
  TimelineTail() = default;
  explicit TimelineTail(std::uint32_t chunks) : chunks_(chunks) {}

  void append(PendingLog& log, TimelineEntry::Kind kind, std::uint8_t slot, std::string_view bytes) {
    const char head = static_cast<char>(static_cast<int>(kind) | slot << 2);
    log.append(pending_, {&head, 1}, bytes);
  }
  // Puts what is pending as the next chunk; nothing where nothing is. The log may be cleared after.
  void write(PendingLog& log, state::ChangeWriter& changes, std::uint32_t task, const Hash128& customer) {
    if (pending_.empty()) return;
    changes.put(key::chunk(key::kTimeline, task, customer, chunks_++), log.joined(pending_));
    pending_ = {};
  }
  std::uint32_t chunks() const { return chunks_; }
  const PendingLog::Chain& pending() const { return pending_; }

 private:
  std::uint32_t chunks_ = 0;
  PendingLog::Chain pending_;
};

// Visits all entries, the stored ones and those that wait in the log. A look-up per chunk: for what happens seldom.
Status visit_timeline(const TimelineTail& timeline, const PendingLog& log, const state::Store& store,
                      std::uint32_t task, const Hash128& customer,
                      const std::function<void(const TimelineEntry&)>& visit);

// Reads the stored chunks of one customer with a cursor that stands on the first of them, and leaves it after the
// last. Nothing may be pending.
class StoredTimeline final : public TimelineReader {
 public:
  StoredTimeline(state::Cursor& cursor, std::uint32_t task, const Hash128& customer);
  bool next(TimelineEntry& entry) override;
  void rewind() override;
  bool damaged() const { return damaged_; }

 private:
  state::Cursor& cursor_;
  std::string prefix_;
  Decoder chunk_{{}};
  std::string copy_;    // the cursor may move before the caller is done
  bool moved_ = false;  // the cursor left the first chunk
  bool damaged_ = false;
};

}  // namespace nudge::runtime
