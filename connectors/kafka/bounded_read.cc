#include "connectors/kafka/bounded_read.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace nudge::connectors::kafka {
namespace {

constexpr Milliseconds kWaitMost(1000);
constexpr int kStallsMost = 4;

}  // namespace

BoundedRead::BoundedRead(Consumer& consumer, const Admin& admin, TopicPartition place, std::int64_t begin,
                         std::int64_t end, Milliseconds stalled_after)
    : consumer_(consumer),
      admin_(admin),
      place_(std::move(place)),
      end_(end),
      stalled_after_(stalled_after),
      wait_(std::min(kWaitMost, stalled_after)),
      next_(begin) {}

Result<std::unique_ptr<BoundedRead>> BoundedRead::start(Consumer& consumer, const Admin& admin, TopicPartition place,
                                                        std::int64_t begin, std::int64_t end,
                                                        Milliseconds stalled_after) {
  NUDGE_TRY(consumer.assign({{place, begin, end}}));
  return std::unique_ptr<BoundedRead>(new BoundedRead(consumer, admin, std::move(place), begin, end, stalled_after));
}

BoundedRead::~BoundedRead() { (void)consumer_.unassign({place_}); }

Status BoundedRead::read(RawBatch& batch, std::size_t records_max, std::size_t bytes_max) {
  int stalls = 0;
  for (Milliseconds waited(0);; waited += wait_) {
    if (waited >= stalled_after_) {
      NUDGE_TRY(ask_anew(++stalls));
      waited = Milliseconds(0);
    }
    NUDGE_ASSIGN(const Consumer::Read read, consumer_.read(place_, batch, records_max, bytes_max, wait_));
    if (read != Consumer::Read::kNothingYet) break;
  }
  if (!batch.lines.empty()) next_ = static_cast<std::int64_t>(batch.lines.back().offset) + 1;
  return Status::ok();
}

Status BoundedRead::ask_anew(int stalls) const {
  NUDGE_ASSIGN(const Watermarks marks, admin_.watermarks(place_));
  const auto& [topic, partition] = place_;
  if (marks.end < end_)
    return Status::io(
        fmt::format("{}/{}: ended at offset {} when it was opened and ends at {} now; the topic was made anew or has "
                    "lost records: replay what is there from the beginning",
                    topic, partition, end_, marks.end));
  if (stalls > kStallsMost)
    return Status::error(
        ErrorClass::kUnavailable,
        fmt::format("{}/{}: nothing comes from offset {} on, although the broker has records up to {}; look "
                    "at the brokers' logs and try again",
                    topic, partition, next_, marks.end));
  NUDGE_TRY(consumer_.unassign({place_}));
  return consumer_.assign({{place_, next_, end_}});
}

}  // namespace nudge::connectors::kafka
