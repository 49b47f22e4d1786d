#include "engine/runtime/timeline.h"

namespace nudge::runtime {

StoredTimeline::StoredTimeline(state::Cursor& cursor, std::uint32_t task, const Hash128& customer)
    : cursor_(cursor), prefix_(key::entity(key::kTimeline, task, customer)) {
  // Chunks are read in the order of customers: skipping is only needed for customers that are not asked about.
  if (!cursor_.valid() || cursor_.key() < prefix_) cursor_.seek(prefix_);
}

bool StoredTimeline::next(TimelineEntry& entry) {
  while (chunk_.at_end()) {
    if (!cursor_.valid() || cursor_.key().substr(0, prefix_.size()) != prefix_) return false;
    moved_ = true;
    copy_ = cursor_.value();
    chunk_ = Decoder(copy_);
    cursor_.next();
  }
  const std::uint8_t head = chunk_.byte();
  const std::string_view bytes = chunk_.text();
  if (!chunk_.ok()) {
    damaged_ = true;
    return false;
  }
  entry.kind = static_cast<TimelineEntry::Kind>(head & 3);
  entry.slot = head >> 2;
  if (entry.kind == TimelineEntry::Kind::kNote) {
    entry.note = bytes;
  } else {
    entry.event = Event(bytes);
  }
  return true;
}

void StoredTimeline::rewind() {
  if (!moved_) return;
  moved_ = false;
  chunk_ = Decoder({});
  cursor_.seek(prefix_);
}

}  // namespace nudge::runtime
