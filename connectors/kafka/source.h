// Kafka's input topics as a bounded source: what was committed when it was opened, without joining a group.
//
// The topics are those of the configuration under `topics`; one that does not exist is a warning. A partition's number,
// its records' offsets and keys are the broker's; PartitionInfo::bytes counts offsets. A tombstone of `customers` (a
// null value) reads as the record that erases its key at its broker timestamp.
//
// A read ends: with records, at the end, or with a failure, where the broker is gone, the log has lost what was to be
// read, or nothing comes although the broker says that there is more.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "config/value.h"
#include "connectors/kafka/admin.h"
#include "connectors/source.h"
#include "engine/time.h"

namespace nudge::connectors::kafka {

struct SourceOptions {
  // Records of an earlier event time are not wanted: as no record's event time lies more than engine.future_max ahead
  // of its broker timestamp, reading begins where these timestamps begin.
  std::optional<Millis> from;
  // When nothing came for so long although there must be more, the broker is asked why.
  std::chrono::milliseconds stalled_after{30'000};
  std::chrono::milliseconds answer_timeout{10'000};  // of the broker, to anything that is asked
  bool endless = false;                              // whatever comes, without waiting
};

// `root` is a checked configuration. kUnavailable where no broker answers; kInputOutput where no topic exists.
Result<std::unique_ptr<Source>> open_kafka_source(const config::Value& root, const SourceOptions& options);

// An endless source, with what a live run wants of it besides.
class LiveSource : public Source {
 public:
  virtual std::vector<TopicPartition> places() const = 0;  // of partitions(), in the same order
  // Of partitions(): behind the last record that the brokers told of, without asking them; nothing before they did.
  virtual std::vector<std::optional<std::int64_t>> known_ends() const = 0;
  // Until something comes that had not come at the last call; false at the timeout. One thread.
  virtual bool wait_for_more(Milliseconds timeout) const = 0;
};
Result<std::unique_ptr<LiveSource>> open_live_source(const config::Value& root);

}  // namespace nudge::connectors::kafka
