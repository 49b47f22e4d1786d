// Topics and offsets as the broker has them. Every call waits for the broker, at most as long as `timeout` says; where
// it does not answer the failure is kUnavailable. Any thread may call.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "connectors/kafka/client.h"
#include "engine/time.h"

namespace nudge::connectors::kafka {

struct TopicSettings {
  std::string name;
  int partitions = 1;
  int replicas = -1;                          // -1: the broker's default
  std::map<std::string, std::string> config;  // cleanup.policy, retention.ms, …
};

struct TopicPartition {
  std::string topic;
  int partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

struct Watermarks {
  std::int64_t begin = 0;  // the first record that is still there
  std::int64_t end = 0;    // behind the last record that a reader of committed data sees
};

class Admin {
 public:
  static Result<std::unique_ptr<Admin>> make(const Settings& settings, Milliseconds timeout = Milliseconds(10'000));

  Status reach() const { return client_->reach(timeout_); }
  // Nothing where there is no such topic.
  Result<std::optional<int>> partitions(const std::string& topic) const;
  // A topic with its partitions and the named configuration entries; nothing where there is none.
  Result<std::optional<TopicSettings>> describe(const std::string& topic) const;
  // Returns when every broker that answers metadata knows the topics. One that exists already is a failure.
  Status create(std::span<const TopicSettings> topics) const;
  Status remove(std::span<const std::string> topics) const;
  // With what it committed; it must have no members. That there is none is no failure.
  Status remove_group(const std::string& group) const;

  // Removes the records before these offsets, for good.
  Status remove_before(std::span<const std::pair<TopicPartition, std::int64_t>> offsets) const;

  Result<Watermarks> watermarks(const TopicPartition& partition) const;
  // For each the first offset whose broker timestamp is at or after `time`; nothing where all records are older.
  Result<std::vector<std::optional<std::int64_t>>> offsets_at(std::span<const TopicPartition> partitions,
                                                              Millis time) const;
  // What the group committed; nothing where it did not.
  Result<std::vector<std::optional<std::int64_t>>> committed(const std::string& group,
                                                             std::span<const TopicPartition> partitions) const;

 private:
  Admin(std::unique_ptr<Client> client, Milliseconds timeout) : client_(std::move(client)), timeout_(timeout) {}
  int timeout_ms() const { return static_cast<int>(timeout_.count()); }
  AdminOptions options(rd_kafka_admin_op_t operation) const;
  Result<EventHandle> wait(rd_kafka_queue_t* queue, const std::string& what) const;

  std::unique_ptr<Client> client_;
  Milliseconds timeout_;
};

}  // namespace nudge::connectors::kafka
