// Reads partitions from given offsets, without a group: one librdkafka consumer, one thread that polls it, and a
// bounded buffer for each partition.
//
// Offsets are never reset: one that the broker no longer has is a failure. What is
// buffered stays near `buffer_bytes_max`, whatever the partitions: those that are ahead are paused until their reader
// has caught up, so that a partition that nobody reads keeps no other one from being read.
//
// A partition is read by one thread at a time; different ones by as many threads as there are. `assign` and `unassign`
// may be called by any thread that is not reading the same partitions.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/client.h"
#include "connectors/kafka/record_buffer.h"
#include "connectors/source.h"

namespace nudge::connectors::kafka {

struct ConsumerOptions {
  std::size_t buffer_bytes_max = 64 << 20;
  // How long a broker may hold a request for which it has no data: a partition that is resumed waits that long.
  Milliseconds fetch_wait{20};
  bool committed_only = true;  // records of transactions that are open or aborted are left out
};

struct PartitionStart {
  TopicPartition partition;
  std::int64_t offset = 0;          // the first record that is wanted
  std::optional<std::int64_t> end;  // the first one that is not wanted; nothing: whatever comes
};

class Consumer {
 public:
  static Result<std::unique_ptr<Consumer>> make(const Settings& settings, const ConsumerOptions& options);
  ~Consumer();

  // Adds partitions to those that are read. None of them may be assigned.
  Status assign(std::vector<PartitionStart> partitions);
  // What is buffered of them is dropped.
  Status unassign(std::vector<TopicPartition> partitions);

  enum class Read : std::uint8_t { kRecords, kNothingYet, kEnd };
  // Replaces the batch's content by the partition's next records, at most `records_max` and about `bytes_max` bytes.
  // Waits for the first one at most `wait`. A failure stays until the partition is assigned anew.
  Result<Read> read(const TopicPartition& partition, RawBatch& batch, std::size_t records_max, std::size_t bytes_max,
                    Milliseconds wait);
  // Whether more may be there than was handed to the reader: not known to be at its end since the last record.
  bool behind(const TopicPartition& partition) const;
  // Until some partition has records or a failure that are not read yet; false at the timeout.
  bool wait(Milliseconds timeout);
  // Until something has come, a record or a word on the end of a partition, since the last such call; for who has left
  // something unread and waits for more. False at the timeout. One thread.
  bool wait_for_more(Milliseconds timeout);

  std::size_t buffered_bytes() const;
  // What the brokers' last answers said, without asking them; nothing before the first. The end may be that of records
  // that are not committed yet: for lag, not for knowing what there is to read (Admin::watermarks).
  std::optional<Watermarks> known_watermarks(const TopicPartition& partition) const;

 private:
  struct Partition {
    RecordBuffer buffer;
    std::int64_t next = 0;  // behind what has come
    std::optional<std::int64_t> end;
    bool assigned = false;  // librdkafka knows of it
    bool ended = false;
    bool at_end = false;  // the broker has said so, and nothing came since
    bool paused = false;
    Status failure;
  };
  // Of the assignment; done by the polling thread, so that no record is between two assignments.
  struct Change {
    std::vector<PartitionStart> add;
    std::vector<TopicPartition> remove;
    std::promise<Status> done;
  };

  Consumer(std::unique_ptr<Client> client, const ConsumerOptions& options);
  Status change(Change change);
  void serve(const std::stop_token& stop);
  void take(const rd_kafka_message_t& message);
  void accept(const rd_kafka_message_t& message);
  void accept_event(const rd_kafka_message_t& message);
  void hand_over();
  void regulate();
  Status let_go(const std::vector<TopicPartition>& partitions);
  void go_on(const std::vector<TopicPartition>& partitions);
  void wake(rd_kafka_topic_partition_list_t& partitions);
  Status apply(const Change& change);
  std::size_t share() const;

  std::unique_ptr<Client> client_;
  Queue queue_;
  const std::size_t buffer_bytes_max_;

  // The polling thread's own: records of one partition that follow each other.
  RawBatch run_;
  const rd_kafka_topic_t* run_topic_ = nullptr;
  TopicPartition run_partition_;
  std::size_t taken_ = 0;    // bytes, since the buffers were looked at
  bool has_let_go_ = false;  // of a partition: brokers' threads may be asleep

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<TopicPartition, Partition> partitions_;
  std::size_t buffered_ = 0;
  std::uint64_t arrivals_ = 0, arrivals_known_ = 0;
  std::deque<Change> changes_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace nudge::connectors::kafka
