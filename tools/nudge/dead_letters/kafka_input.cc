#include <fmt/core.h>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/producer.h"
#include "tools/nudge/dead_letters/input.h"

namespace nudge::dead_letters {
namespace {

namespace kafka = connectors::kafka;

constexpr kafka::Milliseconds kFlushWait(60'000);

class KafkaInput final : public Input {
 public:
  static Result<std::unique_ptr<Input>> open(const config::Value& root) {
    NUDGE_ASSIGN(const kafka::Settings settings, kafka::Settings::of(root));
    std::unique_ptr<KafkaInput> input(new KafkaInput);
    NUDGE_ASSIGN(input->admin_, kafka::Admin::make(settings));
    NUDGE_TRY(input->admin_->reach());
    NUDGE_ASSIGN(input->producer_, kafka::Producer::make(settings, {}));
    for (const std::string_view topic : kTopicNames) input->names_.push_back(root.at("topics").at(topic).text());
    return std::unique_ptr<Input>(std::move(input));
  }

  Status append(Topic topic, std::string_view key, std::string_view record) override {
    const std::string& name = names_[static_cast<std::size_t>(topic)];
    if (topics_[static_cast<std::size_t>(topic)] == nullptr) {
      NUDGE_ASSIGN(const std::optional<int> partitions, admin_->partitions(name));
      if (!partitions)
        return Status::config(
            fmt::format("topics.{}: the brokers have no topic {}; name the right one", name_of(topic), name));
      topics_[static_cast<std::size_t>(topic)] = producer_->topic(name);
    }
    kafka::OutgoingRecord outgoing;
    outgoing.value = record;
    if (!key.empty()) outgoing.key = key;
    return producer_->send(topics_[static_cast<std::size_t>(topic)], outgoing).status();
  }

  Status finish() override { return producer_->flush(kFlushWait).status(); }

 private:
  KafkaInput() = default;

  std::unique_ptr<kafka::Admin> admin_;
  std::unique_ptr<kafka::Producer> producer_;
  std::vector<std::string> names_;                            // by topic
  std::array<kafka::Producer::Topic, kTopicCount> topics_{};  // null: not used yet
};

}  // namespace

Result<std::unique_ptr<Input>> open_kafka_input(const config::Value& root) { return KafkaInput::open(root); }

}  // namespace nudge::dead_letters
