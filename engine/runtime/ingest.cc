#include "engine/runtime/ingest.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace nudge::runtime {

namespace {

constexpr std::size_t kReadBytes = 1 << 18, kReadRecords = 4096;
constexpr std::chrono::milliseconds kTryAgain(5);
constexpr std::chrono::seconds kStalledAfter(60);

// Of the topic, the source and the id together: two sources may use the same ids. A missing source is
// the one with the empty name.
Hash128 identity_of(const Event& event) {
  const Hash128 id = hash128(event.event_id());
  const Hash128 from = hash128(event.source());
  const auto topic = static_cast<std::uint64_t>(event.topic());
  return {mix(id.high, from.high + topic), mix(id.low, from.low)};
}

}  // namespace

Result<std::unique_ptr<IngestTask>> IngestTask::open(const connectors::Source& source,
                                                     const connectors::PartitionInfo& partition, Start start,
                                                     Limits limits) {
  std::unique_ptr<IngestTask> task(new IngestTask(partition, start, limits, source.endless()));
  NUDGE_ASSIGN(task->reader_, source.open(partition, start.position));
  return task;
}

Status IngestTask::fill(std::size_t records) {
  thread_local connectors::RawBatch raw;  // many tasks share a thread
  while (!ended_ && waiting_ < records) {
    NUDGE_TRY(reader_->read(raw, records - waiting_, kReadBytes));
    if (raw.lines.empty()) {
      ended_ = !endless_;
      break;
    }
    auto block = std::make_unique<IngestBlock>();
    decode(raw, *block);
    waiting_ += block->items.size();
    blocks_.push_back(std::move(block));
  }
  return Status::ok();
}

Status IngestTask::fill_to(std::uint64_t offset) {
  for (auto progressed = std::chrono::steady_clock::now(); next_ < offset && !ended_;) {
    const std::uint64_t before = next_;
    NUDGE_TRY(fill(waiting_ + kReadRecords));
    const auto now = std::chrono::steady_clock::now();
    if (next_ != before) progressed = now;
    if (next_ != before || next_ >= offset) continue;
    if (now - progressed > kStalledAfter)
      return Status::error(ErrorClass::kUnavailable,
                           info_.name + ": offset " + std::to_string(offset - 1) +
                               " was read before and does not come now; check that the topic still holds it");
    std::this_thread::sleep_for(kTryAgain);
  }
  return Status::ok();
}

// As RecordDecoder::decode. A time that the broker cannot have known would move the clock for everybody.
bool IngestTask::decode_one(const connectors::RawBatch& batch, const connectors::RawBatch::Line& line,
                            std::string& bytes, BadRecord& bad) {
  const std::size_t before = bytes.size();
  if (!decoder_.decode(info_.topic, batch.json(line), bytes, bad)) return false;
  if (line.timestamp == connectors::RawBatch::kNoTimestamp) return true;
  const Millis time = Event(std::string_view(bytes).substr(before)).time();
  if (time - line.timestamp <= limits_.future_max) return true;
  bytes.resize(before);
  bad.error_class = "future";
  bad.message = "event_time " + format_time(time) + " is more than engine.future_max (" +
                format_duration(limits_.future_max) + ") ahead of the broker's timestamp " +
                format_time(line.timestamp);
  return false;
}

void IngestTask::decode(const connectors::RawBatch& batch, IngestBlock& block) {
  // An event is rarely longer than its JSON; where the buffer moves after all, views are made at the end.
  std::vector<std::pair<std::size_t, std::size_t>> events(batch.lines.size()), raws(batch.lines.size());
  block.items.resize(batch.lines.size());
  block.bytes.reserve(batch.bytes.size() / 4 * 3);
  BadRecord bad;
  for (std::size_t i = 0; i < batch.lines.size(); ++i) {
    const connectors::RawBatch::Line& line = batch.lines[i];
    IngestItem& item = block.items[i];
    item.offset = line.offset;
    item.place_after = line.place_after;
    events[i].first = block.bytes.size();
    if (decode_one(batch, line, block.bytes, bad)) {
      const Event event(std::string_view(block.bytes).substr(events[i].first));
      events[i].second = event.bytes().size();
      item.late = event.time() < seen_ - limits_.allowed_lateness;
      seen_ = std::max(seen_, event.time());
      item.identity = identity_of(event);
    } else {
      item.bad = static_cast<std::uint32_t>(block.bad.size());
      block.bad.push_back(std::move(bad));
    }
    item.seen = seen_;
    if (events[i].second == 0 || item.late) {
      raws[i] = {block.bytes.size(), line.size};
      block.bytes.append(batch.raw(line));
    }
  }
  const std::string_view bytes = block.bytes;
  for (std::size_t i = 0; i < block.items.size(); ++i) {
    block.items[i].event = bytes.substr(events[i].first, events[i].second);
    block.items[i].raw = bytes.substr(raws[i].first, raws[i].second);
  }
  block.timestamp = batch.lines.front().timestamp;
  timestamp_ = batch.lines.back().timestamp;
  const IngestItem& newest = block.items.back();
  next_ = newest.offset + 1;
  last_ = {newest.seen, static_cast<std::uint8_t>(info_.topic), info_.partition, newest.offset};
}

void IngestTask::take() {
  IngestBlock& block = *blocks_.front();
  const IngestItem& item = block.items[block.taken];
  position_ = {{item.offset + 1, item.place_after}, item.seen};
  --waiting_;
  if (++block.taken < block.items.size()) return;
  used_.push_back(std::move(blocks_.front()));
  blocks_.pop_front();
}

}  // namespace nudge::runtime
