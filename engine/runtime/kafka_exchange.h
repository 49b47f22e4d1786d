// The exchange's log as a topic: `<name>.exchange`, a partition for each task and one for the spine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/kafka/log_topic.h"
#include "engine/runtime/exchange_log.h"

namespace nudge::runtime {

class KafkaExchangeLog final : public ExchangeLog {
 public:
  static Result<std::unique_ptr<KafkaExchangeLog>> make(const connectors::kafka::Settings& settings);

  Status append(std::uint32_t partition, std::string_view record) override;
  Status flush() override;
  Status follow(std::uint32_t partition, std::uint64_t offset) override;
  Result<bool> poll(std::chrono::milliseconds timeout, const Take& take) override;

 private:
  explicit KafkaExchangeLog(std::string topic) : topic_(std::move(topic)) {}

  const std::string topic_;
  std::unique_ptr<connectors::kafka::LogWriter> writer_;
  std::unique_ptr<connectors::kafka::LogReader> reader_;
  // Assigned together, with the next poll: one by one, librdkafka finds out their leaders a second later.
  std::vector<connectors::kafka::PartitionStart> to_follow_;
  bool appended_ = false;  // since the last flush
};

}  // namespace nudge::runtime
