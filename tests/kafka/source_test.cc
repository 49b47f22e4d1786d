// Kafka as a bounded source: what is read, from where, and up to where.
#include "connectors/kafka/source.h"

#include <gmock/gmock.h>

#include "config/application.h"
#include "engine/decode.h"
#include "tests/connectors/reading.h"
#include "tests/kafka/broker.h"

namespace nudge::connectors::kafka {
namespace {

using testing::HasSubstr;

constexpr Milliseconds kTimeout(20'000);
constexpr Millis kNow = 1'700'000'000'000;

class KafkaSourceTest : public testing::Test {
 protected:
  // `topics`: members of the configuration's `topics`. Those that are not named do not exist.
  static config::Value configuration(const std::string& topics, const Broker& broker = Broker::shared()) {
    std::string missing;
    for (const std::string_view topic : kTopicNames)
      if (topics.find(std::string(topic) + ":") == std::string::npos)
        missing += ", " + std::string(topic) + ": none." + std::string(topic);
    const std::string text = "input: {connector: kafka}\nkafka: {bootstrap.servers: \"" + broker.bootstrap() +
                             "\"}\ntopics: {" + topics + missing + "}";
    auto loaded = config::load_application_text(text, "test.yaml", {}, {});
    EXPECT_TRUE(loaded.problems.empty()) << config::to_string(loaded.problems.front());
    return std::move(loaded.application.root);
  }
  static std::unique_ptr<Source> open(const std::string& topics, SourceOptions options = {}) {
    auto source = open_kafka_source(configuration(topics), options);
    EXPECT_TRUE(source) << (source ? "" : source.status().message());
    return std::move(source).value();
  }
  static void send(const std::string& topic, std::vector<OutgoingRecord> records,
                   const Broker& broker = Broker::shared()) {
    const auto producer = Producer::make(broker.settings(), {});
    for (const OutgoingRecord& record : records) ASSERT_TRUE((*producer)->send((*producer)->topic(topic), record));
    ASSERT_TRUE((*producer)->flush(kTimeout));
  }
};

TEST_F(KafkaSourceTest, ReadsUpToTheEndThatWasThere) {
  const std::string care = Broker::shared().topic("care", 2), views = Broker::shared().topic("views", 1);
  send(care, {{.key = "a", .value = "1", .partition = 1}, {.key = "b", .value = "2", .partition = 1}});
  const auto source = open("care: " + care + ", page_views: " + views);
  send(care, {{.key = "c", .value = "3", .partition = 1}});
  ASSERT_EQ(source->partitions().size(), 3u);
  EXPECT_EQ(source->partitions()[0].topic, Topic::kPageViews);
  EXPECT_EQ(source->partitions()[2].topic, Topic::kCare);
  EXPECT_EQ(source->partitions()[2].partition, 1u);
  EXPECT_EQ(source->partitions()[2].name, "kafka:" + care + "/1");
  EXPECT_EQ(summary(*source, source->partitions()[0]), "");
  EXPECT_EQ(summary(*source, source->partitions()[2]), "0:1 1:2 ");
  EXPECT_THAT(source->warnings(), testing::SizeIs(4));
  EXPECT_THAT(source->warnings()[0], HasSubstr("topics.transactions: the brokers have no topic none.transactions"));
  // From behind the first record.
  const auto first = read_all(*source, source->partitions()[2], {}, 1);
  ASSERT_TRUE(first);
  const auto rest = read_all(*source, source->partitions()[2], (*first)[0].after);
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ((*rest)[0].raw, "2");
}

TEST_F(KafkaSourceTest, LeavesOutWhatCanOnlyBeEarlier) {
  const std::string care = Broker::shared().topic("care", 2);
  for (const Millis time : {kNow, kNow + kDay, kNow + 2 * kDay, kNow + 3 * kDay})
    send(care, {{.key = "k", .value = "day", .partition = 0, .timestamp = time}});
  // A record may be a day (engine.future_max) ahead of its broker timestamp.
  const auto source = open("care: " + care, {.from = kNow + 2 * kDay});
  EXPECT_EQ(summary(*source, source->partitions()[0]), "1:day 2:day 3:day ");
  EXPECT_EQ(source->partitions()[0].bytes, 3u);
  EXPECT_EQ(summary(*source, source->partitions()[1]), "");
  const auto later = open("care: " + care, {.from = kNow + 30 * kDay});
  EXPECT_EQ(summary(*later, later->partitions()[0]), "");
}

TEST_F(KafkaSourceTest, SeesOnlyWhatIsCommitted) {
  const std::string care = Broker::shared().topic("care", 1);
  const auto producer = Producer::make(Broker::shared().settings(), {.transactional_id = Broker::unique("id")});
  ASSERT_TRUE((*producer)->initialise(kTimeout));
  for (const bool commits : {true, false, true, false}) {
    ASSERT_TRUE((*producer)->begin());
    ASSERT_TRUE((*producer)->send((*producer)->topic(care), {.key = "k", .value = commits ? "yes" : "no"}));
    ASSERT_TRUE(commits ? (*producer)->commit(kTimeout) : (*producer)->abort(kTimeout));
  }
  const auto source = open("care: " + care);
  EXPECT_EQ(summary(*source, source->partitions()[0]), "0:yes 4:yes ");
}

TEST_F(KafkaSourceTest, ATombstoneErasesTheCustomerOfItsKey) {
  const std::string customers = Broker::shared().topic("customers", 1, {{"cleanup.policy", "compact"}});
  send(customers, {{.key = "c\"1", .value = std::nullopt, .timestamp = kNow},
                   {.key = "\xff", .value = std::nullopt, .timestamp = kNow},
                   {.key = "c2", .value = "", .timestamp = kNow}});
  const auto source = open("customers: " + customers);
  const auto records = read_all(*source, source->partitions()[0]);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 3u);
  RecordDecoder decoder;
  const auto decoded = [&](std::size_t i) {
    std::string json = (*records)[i].json, bytes;
    json.append(kInputPadding, '\0');
    BadRecord bad;
    const std::string_view text = std::string_view(json).substr(0, (*records)[i].json.size());
    if (!decoder.decode(Topic::kCustomers, text, bytes, bad)) return std::string("bad ") + std::string(bad.error_class);
    const Event event(bytes);
    return std::string(event.customer_id()) + " " + std::to_string(event.time()) + " " +
           std::to_string(event.number(field::customers::kTombstone).value_or(0));
  };
  EXPECT_EQ(decoded(0), "c\"1 " + std::to_string(kNow) + " 1");
  EXPECT_EQ(decoded(1), "bad encoding");
  EXPECT_EQ(decoded(2), "bad json") << "an empty value is no tombstone";
}

TEST_F(KafkaSourceTest, ABrokerThatDiesEndsTheRead) {
  Broker broker;
  const std::string care = broker.topic("care", 1);
  send(care, {{.key = "a", .value = "1"}, {.key = "b", .value = "2"}}, broker);
  const auto source =
      open_kafka_source(configuration("care: " + care, broker),
                        {.from = {}, .stalled_after = Milliseconds(500), .answer_timeout = kTimeout / 4});
  ASSERT_TRUE(source) << source.status().message();
  const PartitionInfo& partition = (*source)->partitions()[0];
  EXPECT_EQ(read_all(**source, partition)->size(), 2u);
  broker.kill();
  const auto records = read_all(**source, partition);
  ASSERT_FALSE(records);
  EXPECT_EQ(records.status().error_class(), ErrorClass::kUnavailable);
  EXPECT_THAT(records.status().message(), HasSubstr("kafka.bootstrap.servers " + broker.bootstrap()));
}

TEST_F(KafkaSourceTest, ATopicThatWasMadeAnewEndsTheRead) {
  const std::string care = Broker::shared().topic("care", 1);
  send(care, {{.key = "a", .value = "1"}, {.key = "b", .value = "2"}});
  const auto source =
      open_kafka_source(configuration("care: " + care), {.from = {}, .stalled_after = Milliseconds(500)});
  ASSERT_TRUE(source) << source.status().message();
  const auto admin = Admin::make(Broker::shared().settings());
  const TopicSettings anew{care, 1, -1, {}};
  ASSERT_TRUE((*admin)->remove({&care, 1}));
  ASSERT_TRUE((*admin)->create({&anew, 1}));
  const auto records = read_all(**source, (*source)->partitions()[0]);
  ASSERT_FALSE(records);
  EXPECT_THAT(records.status().message(), HasSubstr("/0: ended at offset 2 when it was opened and ends at 0 now"));
}

TEST_F(KafkaSourceTest, SaysWhatIsMissing) {
  const auto none = open_kafka_source(configuration("care: none.care"), {});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.status().message(),
              HasSubstr("none of the input topics exists; make them with `nudge topics create`"));
}

}  // namespace
}  // namespace nudge::connectors::kafka
