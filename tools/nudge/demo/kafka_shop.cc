#include "tools/nudge/demo/kafka_shop.h"

#include <fmt/core.h>

#include <array>
#include <random>
#include <utility>

#include "connectors/files/source.h"
#include "connectors/kafka/producer.h"
#include "connectors/kafka/topics.h"
#include "engine/decode.h"
#include "engine/event_key.h"
#include "engine/output.h"

namespace nudge::demo {
namespace {

namespace kafka = connectors::kafka;

constexpr std::size_t kRecordsAtOnce = 4096, kBytesAtOnce = 1 << 20;
constexpr kafka::Milliseconds kFlushWait(60'000);

}  // namespace

std::string kafka_name() {
  std::random_device random;
  return fmt::format("nudge-demo-{:08x}", random());
}

std::vector<std::string> kafka_overrides(const std::string& name, const std::string& bootstrap_servers) {
  std::vector<std::string> overrides = {"name=" + name, "kafka.bootstrap.servers=" + bootstrap_servers,
                                        "engine.partitions=4", "input={connector: kafka}",
                                        "output=[{connector: kafka}]"};
  for (const std::string_view topic : kTopicNames)
    overrides.push_back(fmt::format("topics.{}={}.{}", topic, name, topic));
  for (const std::string_view topic : output::kNames)
    overrides.push_back(fmt::format("topics.{}={}.{}", topic, name, topic));
  return overrides;
}

Result<std::unique_ptr<KafkaShop>> KafkaShop::open(const config::Application& application) {
  std::unique_ptr<KafkaShop> shop(new KafkaShop(application.root));
  NUDGE_ASSIGN(const kafka::Settings settings, kafka::Settings::of(application.root));
  NUDGE_ASSIGN(shop->admin_, kafka::Admin::make(settings));
  NUDGE_TRY(shop->admin_->reach());
  const std::vector<kafka::TopicSettings> wanted = kafka::topics_of(application);
  for (const kafka::TopicSettings& topic : wanted) shop->topics_.push_back(topic.name);
  NUDGE_TRY(shop->admin_->create(wanted));
  return shop;
}

Result<std::uint64_t> KafkaShop::fill(const std::string& folder) {
  NUDGE_ASSIGN(const auto source, connectors::open_file_source(folder));
  NUDGE_ASSIGN(const kafka::Settings settings, kafka::Settings::of(root_));
  NUDGE_ASSIGN(const auto producer, kafka::Producer::make(settings, {}));
  RecordDecoder decoder;
  BadRecord bad;
  connectors::RawBatch batch;
  std::string bytes;
  std::uint64_t records = 0;
  for (const connectors::PartitionInfo& partition : source->partitions()) {
    const kafka::Producer::Topic topic = producer->topic(root_.at("topics").at(name_of(partition.topic)).text());
    NUDGE_ASSIGN(const auto reader, source->open(partition, {}));
    for (;;) {
      NUDGE_TRY(reader->read(batch, kRecordsAtOnce, kBytesAtOnce));
      if (batch.lines.empty()) break;
      for (const auto& line : batch.lines) {
        bytes.clear();
        const bool good = decoder.decode(partition.topic, batch.json(line), bytes, bad);
        NUDGE_CHECK(good, "the bundled shop has no bad record");
        NUDGE_TRY(producer->send(topic, {.key = key_of(Event(bytes)), .value = batch.raw(line)}).status());
      }
      records += batch.lines.size();
    }
  }
  NUDGE_TRY(producer->flush(kFlushWait).status());
  return records;
}

Status KafkaShop::remove() {
  const std::vector<std::string> topics = std::exchange(topics_, {});
  if (topics.empty()) return Status::ok();
  NUDGE_TRY(admin_->remove(topics));
  return admin_->remove_group(kafka::members_topic(root_.at("name").text()));
}

}  // namespace nudge::demo
