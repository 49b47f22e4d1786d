#include "engine/runtime/timeline.h"

namespace nudge::runtime {

namespace {

// The next entry; false: the bytes are damaged.
bool read_entry(Decoder& in, TimelineEntry& entry) {
  const std::uint8_t head = in.byte();
  const std::string_view bytes = in.text();
  if (!in.ok()) return false;
  entry.kind = static_cast<TimelineEntry::Kind>(head & 3);
  entry.slot = head >> 2;
  if (entry.kind == TimelineEntry::Kind::kNote) {
    entry.note = bytes;
  } else {
    entry.event = Event(bytes);
  }
  return true;
}

}  // namespace

Status visit_timeline(const TimelineTail& timeline, const PendingLog& log, const state::Store& store,
                      std::uint32_t task, const Hash128& customer,
                      const std::function<void(const TimelineEntry&)>& visit) {
  bool damaged = false;
  const auto visit_all = [&](std::string_view bytes) {
    Decoder in(bytes);
    for (TimelineEntry entry; !damaged && !in.at_end();) {
      damaged = !read_entry(in, entry);
      if (!damaged) visit(entry);
    }
  };
  for (std::uint32_t number = 0; number < timeline.chunks() && !damaged; ++number) {
    NUDGE_ASSIGN(const auto chunk, store.get(key::chunk(key::kTimeline, task, customer, number)));
    damaged = !chunk;
    if (chunk) visit_all(*chunk);
  }
  visit_all(timeline.open());
  log.for_each(timeline.pending(), visit_all);
  return damaged ? Status::io("the state is damaged: a timeline cannot be read; replay into a new engine.state_dir")
                 : Status::ok();
}

StoredTimeline::StoredTimeline(state::Cursor& cursor, std::uint32_t task, const Hash128& customer,
                               std::string_view open)
    : cursor_(cursor), prefix_(key::entity(key::kTimeline, task, customer)), open_(open) {
  // Chunks are read in the order of customers: skipping is only needed for customers that are not asked about.
  if (!cursor_.valid() || cursor_.key() < prefix_) cursor_.seek(prefix_);
}

bool StoredTimeline::next(TimelineEntry& entry) {
  while (chunk_.at_end()) {
    if (!cursor_.valid() || cursor_.key().substr(0, prefix_.size()) != prefix_) {
      if (open_read_ || open_.empty()) return false;
      open_read_ = true;
      chunk_ = Decoder(open_);
      continue;
    }
    moved_ = true;
    copy_ = cursor_.value();
    chunk_ = Decoder(copy_);
    cursor_.next();
  }
  damaged_ = !read_entry(chunk_, entry);
  return !damaged_;
}

void StoredTimeline::rewind() {
  open_read_ = false;
  chunk_ = Decoder({});
  if (!moved_) return;
  moved_ = false;
  cursor_.seek(prefix_);
}

}  // namespace nudge::runtime
