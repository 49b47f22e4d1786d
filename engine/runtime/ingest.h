// The ingest stage: decodes and checks the records of one source partition, and gives each its place in the order of
// all input.
//
// A task reads ahead; the round takes items from the front in order. What was read but not taken is read again
// after a restart: `position` is that of the next item to be taken.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "connectors/source.h"
#include "engine/decode.h"
#include "engine/runtime/message.h"

namespace nudge::runtime {

struct IngestItem {
  Millis seen = kBeforeAll;
  std::uint64_t offset = 0;
  std::uint64_t place_after = 0;
  std::string_view event;  // empty: a bad record
  std::string_view raw;    // of bad records, and of records that may be late
  Hash128 identity;        // of source and event_id
  bool late = false;       // more than the allowed lateness behind `seen`
  std::uint32_t bad = 0;   // index into IngestBlock::bad
};

// Items of one read, with the bytes that they point to.
struct IngestBlock {
  std::string bytes;
  std::vector<IngestItem> items;
  std::vector<BadRecord> bad;
  std::size_t taken = 0;
  Millis timestamp = connectors::RawBatch::kNoTimestamp;  // of the first item
};

class IngestTask {
 public:
  // Where reading goes on: a position and the newest good event time up to it.
  struct Start {
    connectors::Position position;
    Millis seen = kBeforeAll;
  };

  struct Limits {
    Millis allowed_lateness = 0;
    Millis future_max = kNever;  // ahead of the broker's timestamp, where there is one
  };

  static Result<std::unique_ptr<IngestTask>> open(const connectors::Source& source,
                                                  const connectors::PartitionInfo& partition, Start start,
                                                  Limits limits);

  // Reads and decodes until at least `records` items wait or the partition has ended; an endless one: until nothing
  // more is there now.
  Status fill(std::size_t records);
  // Reads until everything before the offset waits or was taken.
  Status fill_to(std::uint64_t offset);
  // Nothing at or beyond this offset is taken.
  void set_horizon(std::uint64_t offset) { horizon_ = offset; }

  bool exhausted() const { return ended_; }  // everything was read
  // Nothing waits that may be taken.
  bool empty() const { return blocks_.empty() || front().offset >= horizon_; }
  bool behind() const { return reader_->behind(); }
  // The first offset that was not read, and the place of the last record before it, of this life or an earlier one.
  std::uint64_t next() const { return next_; }
  std::size_t waiting() const { return waiting_; }
  // The place of the last item that was read: nothing that comes later lies before it.
  const OrderKey& last() const { return last_; }

  // The first waiting item; not empty().
  const IngestItem& front() const { return blocks_.front()->items[blocks_.front()->taken]; }
  // An item that waits somewhat behind the first one; null where the block of the first one ends before.
  const IngestItem* ahead(std::size_t items) const {
    const IngestBlock& block = *blocks_.front();
    return block.taken + items < block.items.size() ? &block.items[block.taken + items] : nullptr;
  }
  const BadRecord& bad(const IngestItem& item) const { return blocks_.front()->bad[item.bad]; }
  OrderKey front_order() const {
    return {front().seen, static_cast<std::uint8_t>(info_.topic), info_.partition, front().offset};
  }
  // Takes the first item. Its strings live until release_taken().
  void take();
  void release_taken() { used_.clear(); }

  bool waits() const { return !blocks_.empty(); }  // also beyond the horizon
  // The broker's timestamp of what waits for longest, or of what was read last; kNoTimestamp: there is none.
  Millis timestamp() const { return waits() ? blocks_.front()->timestamp : timestamp_; }

  Start position() const { return position_; }
  const connectors::PartitionInfo& info() const { return info_; }
  std::uint64_t bytes_read() const { return reader_->bytes_read(); }

 private:
  IngestTask(const connectors::PartitionInfo& partition, Start start, Limits limits, bool endless)
      : info_(partition),
        limits_(limits),
        endless_(endless),
        seen_(start.seen),
        next_(start.position.offset),
        position_(start) {
    if (seen_ != kBeforeAll) last_ = {seen_, static_cast<std::uint8_t>(info_.topic), info_.partition, next_ - 1};
  }
  void decode(const connectors::RawBatch& batch, IngestBlock& block);
  bool decode_one(const connectors::RawBatch& batch, const connectors::RawBatch::Line& line, std::string& bytes,
                  BadRecord& bad);

  connectors::PartitionInfo info_;
  Limits limits_;
  const bool endless_;
  std::unique_ptr<connectors::PartitionReader> reader_;
  RecordDecoder decoder_;
  Millis seen_;
  std::uint64_t next_, horizon_ = ~std::uint64_t{0};
  OrderKey last_;
  bool ended_ = false;
  std::size_t waiting_ = 0;
  Millis timestamp_ = connectors::RawBatch::kNoTimestamp;
  Start position_;
  std::deque<std::unique_ptr<IngestBlock>> blocks_;
  std::vector<std::unique_ptr<IngestBlock>> used_;
};

}  // namespace nudge::runtime
