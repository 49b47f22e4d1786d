#include "connectors/kafka/delivery_sink.h"

#include <map>
#include <string>

#include "connectors/kafka/output_records.h"

namespace nudge::connectors::kafka {
namespace {

constexpr Milliseconds kTimeout(30'000);

class DeliverySink final : public Sink {
 public:
  DeliverySink(Producer& producer, const config::Value& topics) : producer_(producer) {
    for (const std::string_view name : output::kNames) topics_.emplace(name, producer.topic(topics.at(name).text()));
  }

  Status reset() override { return Status::ok(); }
  Status rewind(const SinkPosition&) override { return Status::ok(); }
  Status append(std::string_view topic, std::string_view lines) override {
    const Producer::Topic to = topics_.find(topic)->second;
    return each_output_record(
        lines, key_, [&](const OutgoingRecord& record) { return producer_.send(to, record, kTimeout).anew(); });
  }
  Result<SinkPosition> flush() override {
    NUDGE_TRY(producer_.flush(kTimeout).anew());
    return SinkPosition();
  }

 private:
  Producer& producer_;
  std::map<std::string, Producer::Topic, std::less<>> topics_;
  std::string key_;
};

}  // namespace

std::unique_ptr<Sink> make_delivery_sink(Producer& producer, const config::Value& topics) {
  return std::make_unique<DeliverySink>(producer, topics);
}

}  // namespace nudge::connectors::kafka
