// The broker of the tests: topics, their settings, the ends of partitions and offsets by time.
#include "tests/kafka/broker.h"

#include <gmock/gmock.h>

#include "connectors/kafka/consumer.h"

namespace nudge::connectors::kafka {

std::vector<std::string> committed_records(const std::string& topic, int partition) {
  const auto admin = Admin::make(Broker::shared().settings());
  const auto marks = (*admin)->watermarks({topic, partition});
  const auto consumer = Consumer::make(Broker::shared().settings(), {});
  EXPECT_TRUE((*consumer)->assign({{{topic, partition}, marks->begin, marks->end}}));
  std::vector<std::string> records;
  RawBatch batch;
  for (;;) {
    const auto read = (*consumer)->read({topic, partition}, batch, 1000, 1 << 20, Milliseconds(10'000));
    EXPECT_TRUE(read) << (read ? "" : read.status().message());
    if (!read || *read != Consumer::Read::kRecords) {
      EXPECT_EQ(*read, Consumer::Read::kEnd);
      return records;
    }
    for (const RawBatch::Line& line : batch.lines)
      records.push_back(std::string(batch.key(line)) + "=" + (line.tombstone ? "null" : std::string(batch.raw(line))));
  }
}

namespace {

constexpr Milliseconds kTimeout(20'000);

TEST(KafkaAdmin, MakesDescribesAndRemovesTopics) {
  const auto admin = Admin::make(Broker::shared().settings());
  ASSERT_TRUE(admin);
  ASSERT_TRUE((*admin)->reach());
  const std::string name = Broker::unique("described");
  const TopicSettings wanted{name, 3, -1, {{"cleanup.policy", "compact"}, {"retention.ms", "12345"}}};
  EXPECT_EQ(*(*admin)->partitions(name), std::nullopt);
  EXPECT_FALSE((*admin)->describe(name)->has_value());
  ASSERT_TRUE((*admin)->create({&wanted, 1}));
  auto found = (*admin)->describe(name);
  ASSERT_TRUE(found && found->has_value());
  EXPECT_EQ((*found)->partitions, 3);
  EXPECT_EQ((*found)->config["cleanup.policy"], "compact");
  EXPECT_EQ((*found)->config["retention.ms"], "12345");
  const Status again = (*admin)->create({&wanted, 1});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.message(), testing::HasSubstr("topic " + name + " cannot be created"));
  ASSERT_TRUE((*admin)->remove({&name, 1}));
}

TEST(KafkaAdmin, ABrokerThatIsNotThereIsUnavailable) {
  const auto admin = Admin::make(Settings::plain("127.0.0.1:1"), Milliseconds(1000));
  ASSERT_TRUE(admin);
  const Status status = (*admin)->reach();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error_class(), ErrorClass::kUnavailable);
  EXPECT_THAT(status.message(), testing::HasSubstr("kafka.bootstrap.servers 127.0.0.1:1: no broker answers"));
  EXPECT_THAT(status.message(), testing::HasSubstr("Connection refused"));
}

TEST(KafkaAdmin, FindsOffsetsByTime) {
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("times", 2);
  const auto producer = Producer::make(broker.settings(), {});
  for (const Millis time : {1000, 3000, 2000, 4000}) {
    const OutgoingRecord record{.key = "k", .value = "v", .partition = 0, .timestamp = time};
    ASSERT_TRUE((*producer)->send((*producer)->topic(topic), record));
  }
  ASSERT_TRUE((*producer)->flush(kTimeout));
  const auto admin = Admin::make(broker.settings());
  const TopicPartition places[] = {{topic, 0}, {topic, 1}};
  using Offsets = std::vector<std::optional<std::int64_t>>;
  EXPECT_EQ(*(*admin)->offsets_at(places, 0), (Offsets{0, std::nullopt}));
  EXPECT_EQ(*(*admin)->offsets_at(places, 1001), (Offsets{1, std::nullopt}));
  EXPECT_EQ(*(*admin)->offsets_at(places, 4000), (Offsets{3, std::nullopt}));
  EXPECT_EQ(*(*admin)->offsets_at(places, 4001), (Offsets{std::nullopt, std::nullopt}));
  const auto marks = (*admin)->watermarks(places[0]);
  EXPECT_EQ(marks->begin, 0);
  EXPECT_EQ(marks->end, 4);
}

}  // namespace
}  // namespace nudge::connectors::kafka
