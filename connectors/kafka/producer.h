// Writes records: in transactions, or at least once. One producer belongs to one thread.
//
//   initialise → (begin → send… → send_offsets → commit | abort)…        with a transactional id
//   (send… → flush)…                                                     without
//
// Nothing is thrown away in silence: a record that could not be delivered fails the next commit or flush, by name.
// Every step says in its Outcome what must be done next (outcome.h). Records are copied; `send` waits while the queue
// is full.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/client.h"
#include "connectors/kafka/group_metadata.h"
#include "connectors/kafka/outcome.h"

namespace nudge::connectors::kafka {

struct ProducerOptions {
  std::string transactional_id;  // empty: at least once
  // After how long the broker aborts what a silent producer has begun, and until when readers of committed data wait.
  Milliseconds transaction_timeout{10'000};
  Milliseconds linger{5};
  std::size_t queue_bytes_max = 64 << 20;  // what waits for the brokers; `send` waits above it
  std::size_t batch_bytes_max = 128 << 10;
  std::size_t record_bytes_max = 1'000'000;  // the topic may allow less (max.message.bytes)
};

struct Header {
  std::string_view name, value;
};

struct OutgoingRecord {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nothing: a tombstone
  int partition = kByKey;                 // kByKey: murmur2 of the key, as Java's; without a key any
  Millis timestamp = 0;                   // 0: now
  std::span<const Header> headers = {};

  static constexpr int kByKey = -1;
};

struct CommittedOffset {
  TopicPartition partition;
  std::int64_t next = 0;  // the first offset that is not processed
};

class Producer {
 public:
  static Result<std::unique_ptr<Producer>> make(const Settings& settings, const ProducerOptions& options);
  ~Producer();

  // A topic's handle, made at its first use and valid as long as the producer.
  using Topic = rd_kafka_topic_t*;
  Topic topic(std::string_view name);

  // Takes the transactional id over: fences who had it and ends their open transaction. To be called once, first.
  Outcome initialise(Milliseconds timeout);
  Outcome begin();
  Outcome send(Topic topic, const OutgoingRecord& record, Milliseconds timeout = Milliseconds(30'000));
  // Into the open transaction; refused (kStaleGeneration) where the group is further than the metadata.
  Outcome send_offsets(std::span<const CommittedOffset> offsets, const GroupMetadata& group, Milliseconds timeout);
  // Waits for the delivery of all records, too. kRetriable, such as at the timeout: call again; once it is given up,
  // the outcome is unknown.
  Outcome commit(Milliseconds timeout);
  Outcome abort(Milliseconds timeout);
  // At least once: everything sent so far is acknowledged by all in-sync replicas. kRetriable at the timeout.
  Outcome flush(Milliseconds timeout);

  // Without waiting: whether a record, of all sent so far, is known to be lost.
  Outcome deliveries();
  // Serves deliveries and the connection; to be called now and then while nothing is sent.
  void poll();
  std::size_t waiting() const;  // records that are not delivered yet

 private:
  struct Undelivered {
    std::uint64_t records = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string topic;  // of the first
    int partition = 0;
  };
  explicit Producer(bool transactional) : transactional_(transactional) {}
  Outcome of_error(std::string_view step, rd_kafka_error_t* error, bool ends = false);
  Outcome undelivered(std::string_view what);
  Outcome fatal(std::string_view step) const;
  rd_kafka_resp_err_t enqueue(Topic topic, const OutgoingRecord& record);

  const bool transactional_;
  Undelivered undelivered_;
  std::vector<std::pair<std::string, TopicHandle>> topics_;  // few
  std::unique_ptr<Client> client_;
};

}  // namespace nudge::connectors::kafka
