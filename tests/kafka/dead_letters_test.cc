// Dead letters of a topic on a broker: counted, and produced to their input's topic by key.
#include <gmock/gmock.h>

#include "config/application.h"
#include "tests/kafka/broker.h"
#include "tests/support/dead_letter_line.h"
#include "tools/nudge/dead_letters/listing.h"
#include "tools/nudge/dead_letters/reinject.h"

namespace nudge::dead_letters {
namespace {

namespace kafka = connectors::kafka;
using kafka::Broker;
using testing::ElementsAre;

constexpr kafka::Milliseconds kTimeout(20'000);

config::Value configuration(const std::string& topics) {
  auto loaded = config::load_application_text(
      "input: {connector: kafka}\noutput: {connector: kafka}\nkafka: "
      "{bootstrap.servers: \"" +
          Broker::shared().bootstrap() + "\"}\ntopics: {" + topics + "}",
      "test.yaml", {}, {});
  EXPECT_TRUE(loaded.problems.empty());
  return std::move(loaded.application.root);
}

void send(const std::string& topic, const std::vector<std::string>& values) {
  const auto producer = kafka::Producer::make(Broker::shared().settings(), {});
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string key = std::to_string(i);
    kafka::OutgoingRecord record;
    record.key = key;
    record.value = values[i];
    ASSERT_TRUE((*producer)->send((*producer)->topic(topic), record));
  }
  ASSERT_TRUE((*producer)->flush(kTimeout));
}

TEST(KafkaDeadLetters, AreCountedAndGoBackByKey) {
  const std::string letters = Broker::shared().topic("letters", 3), care = Broker::shared().topic("care", 1);
  const std::string good = R"({"event_id":"1","event_time":0,"customer_id":"ann","type":"question"})";
  send(letters, {letter_line("care/0/1", "future", good), letter_line("care/0/2", "json", "{"), "no dead letter",
                 letter_line("care/1/7", "future", good)});
  const config::Value root = configuration("dead_letters: " + letters + ", care: " + care);
  const auto source = open_configured(root);
  ASSERT_TRUE(source.is_ok()) << source.status().message();
  for (int i = 0; i < 2; ++i) {  // a source may be walked again
    const auto counts = count(**source, {}, 10);
    ASSERT_TRUE(counts.is_ok()) << counts.status().message();
    ASSERT_EQ(counts->rows.size(), 2u);
    EXPECT_EQ(counts->rows[0][1], program::Cell("future"));
    EXPECT_EQ(counts->rows[0][2], program::Cell(std::uint64_t{2}));
  }
  EXPECT_EQ(list(**source, {}, 1)->rows.size(), 1u);  // nor need a walk come to its end

  const auto input = [&] { return open_configured_input(root); };
  EXPECT_FALSE(reinject(**source, input, {}).is_ok());
  EXPECT_THAT(kafka::committed_records(care), ElementsAre());
  ReinjectOptions future;
  future.selection.filter.error_class = "future";
  EXPECT_EQ(reinject(**source, input, future)->records, 2u);
  EXPECT_THAT(kafka::committed_records(care), ElementsAre("ann=" + good, "ann=" + good));
  ReinjectOptions forced;
  forced.selection.places = {{Topic::kCare, 0, 2}};
  forced.force = true;
  EXPECT_EQ(reinject(**source, input, forced)->bad, 1u);
  EXPECT_EQ(kafka::committed_records(care).size(), 3u);
}

TEST(KafkaDeadLetters, ATopicThatIsMissingIsNamed) {
  const auto source = open_configured(configuration("dead_letters: none.letters"));
  ASSERT_FALSE(source.is_ok());
  EXPECT_EQ(source.status().error_class(), ErrorClass::kConfig);
  EXPECT_NE(source.status().message().find("topics.dead_letters"), std::string::npos);
}

}  // namespace
}  // namespace nudge::dead_letters
