// An ordered log in a topic: what instances write for each other and read at once, partition by partition.
//
// Not transactional: a record is there for every reader as soon as all in-sync replicas have it, in the order of the
// writer's calls, once (idempotent, acks=all). After a failure the writer is of no more use, as its log may have a gap.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/kafka/consumer.h"
#include "connectors/kafka/producer.h"

namespace nudge::connectors::kafka {

struct LogWriterOptions {
  Milliseconds linger{0};
  std::size_t queue_bytes_max = 64 << 20;
  std::size_t record_bytes_max = 8 << 20;  // of the topic, too: max.message.bytes
  // How long an append waits for room before it fails with kUnavailable.
  Milliseconds append_timeout{30'000};
};

// Any thread may call.
class LogWriter {
 public:
  static Result<std::unique_ptr<LogWriter>> make(const Settings& settings, const LogWriterOptions& options);

  // Copies both; waits while the queue is full.
  Status append(std::string_view topic, int partition, std::string_view key, std::string_view value);
  // The first failure of a delivery, which stays; to be called every few seconds at least, as it serves the client.
  Status poll();
  // Everything appended so far is there for readers; kUnavailable at the timeout, after which it may be called again.
  Status flush(Milliseconds timeout);
  std::size_t waiting() const { return producer_->waiting(); }  // records without an acknowledgement

 private:
  LogWriter(std::unique_ptr<Producer> producer, Milliseconds append_timeout)
      : producer_(std::move(producer)), append_timeout_(append_timeout) {}

  const std::unique_ptr<Producer> producer_;
  const Milliseconds append_timeout_;
  std::mutex mutex_;
  Status status_;
};

struct LogReaderOptions {
  std::size_t buffer_bytes_max = 64 << 20;
  bool committed_only = false;
};

struct LogRecord {
  const TopicPartition& place;
  std::int64_t offset;
  Millis timestamp;  // when it was appended
  std::string_view key;
  std::optional<std::string_view> value;  // nothing: null
};

// Follows partitions from given offsets; one thread.
class LogReader {
 public:
  static Result<std::unique_ptr<LogReader>> make(const Settings& settings, const LogReaderOptions& options);

  // More partitions; none of them may be assigned.
  Status assign(std::vector<PartitionStart> partitions);
  Status unassign(std::vector<TopicPartition> partitions);

  // Calls back with what has arrived, partition by partition in the order of offsets, and gives its count; waits for
  // the first record at most `timeout`. Views live as long as the call. An offset that the broker no longer has fails
  // with topic, partition, offset and what to do, and goes on failing until the partition is assigned anew.
  template <typename Callback>  // void(const LogRecord&)
  Result<std::size_t> poll(Milliseconds timeout, Callback&& callback) {
    std::size_t count = 0;
    if (!consumer_->wait(timeout)) return count;
    for (const TopicPartition& place : places_) {
      NUDGE_TRY(next(place));
      for (const RawBatch::Line& line : batch_.lines)
        callback(LogRecord{place, static_cast<std::int64_t>(line.offset), line.timestamp, batch_.key(line),
                           line.tombstone ? std::nullopt : std::optional(batch_.raw(line))});
      count += batch_.lines.size();
    }
    return count;
  }
  std::size_t buffered_bytes() const { return consumer_->buffered_bytes(); }

 private:
  explicit LogReader(std::unique_ptr<Consumer> consumer) : consumer_(std::move(consumer)) {}
  Status next(const TopicPartition& place);

  const std::unique_ptr<Consumer> consumer_;
  std::vector<TopicPartition> places_;
  RawBatch batch_;
};

}  // namespace nudge::connectors::kafka
