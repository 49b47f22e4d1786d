// One partition of a consumer from an offset to an end that is known, which never waits for ever.
//
// It assigns the partition when it is made and lets it go when it is destroyed. One thread.
#pragma once

#include <cstdint>
#include <memory>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/consumer.h"

namespace nudge::connectors::kafka {

class BoundedRead {
 public:
  // When nothing came for `stalled_after` although there must be more, the broker is asked why.
  static Result<std::unique_ptr<BoundedRead>> start(Consumer& consumer, const Admin& admin, TopicPartition place,
                                                    std::int64_t begin, std::int64_t end, Milliseconds stalled_after);
  ~BoundedRead();
  BoundedRead(const BoundedRead&) = delete;
  BoundedRead& operator=(const BoundedRead&) = delete;

  // Replaces the batch's content by the next records; no line: the end. Fails where the broker is gone (kUnavailable),
  // the log has lost what was to be read, or nothing comes although the broker says that there is more.
  Status read(RawBatch& batch, std::size_t records_max, std::size_t bytes_max);

  std::int64_t next() const { return next_; }  // the offset behind what was read

 private:
  BoundedRead(Consumer& consumer, const Admin& admin, TopicPartition place, std::int64_t begin, std::int64_t end,
              Milliseconds stalled_after);
  Status ask_anew(int stalls) const;

  Consumer& consumer_;
  const Admin& admin_;
  const TopicPartition place_;
  const std::int64_t end_;
  const Milliseconds stalled_after_, wait_;
  std::int64_t next_;
};

}  // namespace nudge::connectors::kafka
