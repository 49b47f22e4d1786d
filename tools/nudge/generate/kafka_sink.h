// The shop on Kafka: the topics of the configuration, which must exist; records at a stated rate.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/value.h"
#include "connectors/kafka/producer.h"
#include "tools/nudge/generate/arrival_sink.h"

namespace nudge::generate {

class KafkaSink final : public ArrivalSink {
 public:
  // `root` names the brokers (`kafka`) and the topics (`topics`). `rate` is records a second; 0: as fast as it goes.
  // kUnavailable where no broker answers, kConfig where a topic is missing.
  static Result<std::unique_ptr<KafkaSink>> open(const config::Value& root, double rate);

  // The broker's timestamp is the time on the wall.
  Status append(Topic topic, std::string_view key, std::string_view line) override;
  Status finish() override;

  std::uint64_t records() const { return records_; }
  double records_per_second() const;

 private:
  explicit KafkaSink(double rate) : rate_(rate) {}
  void keep_pace();

  const double rate_;
  std::unique_ptr<connectors::kafka::Producer> producer_;
  std::vector<connectors::kafka::Producer::Topic> topics_;
  std::uint64_t records_ = 0;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace nudge::generate
