// What a reader of committed data sees of transactions that end in every way, and what the producer says of each.
#include <gmock/gmock.h>

#include "connectors/kafka/transaction.h"
#include "engine/hash.h"
#include "tests/kafka/broker.h"

namespace nudge::connectors::kafka {
namespace {

using testing::ElementsAre;

constexpr Milliseconds kTimeout(20'000);

std::unique_ptr<Producer> transactional(const std::string& id) {
  auto producer = Producer::make(Broker::shared().settings(), {.transactional_id = id});
  EXPECT_TRUE(producer);
  const Outcome outcome = (*producer)->initialise(kTimeout);
  EXPECT_TRUE(outcome) << outcome.message();
  return std::move(producer).value();
}

void send(Producer& producer, const std::string& topic, const std::string& value) {
  const Outcome outcome = producer.send(producer.topic(topic), {.key = "k", .value = value});
  EXPECT_TRUE(outcome) << outcome.message();
}

TEST(KafkaTransaction, OnlyWhatIsCommittedIsSeen) {
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("committed", 1);
  const auto producer = transactional(Broker::unique("id"));
  for (const auto& [value, commits] : {std::pair("a", true), {"b", false}, {"c", true}}) {
    ASSERT_TRUE(producer->begin());
    send(*producer, topic, value);
    ASSERT_TRUE(commits ? producer->commit(kTimeout) : producer->abort(kTimeout));
  }
  EXPECT_THAT(committed_records(topic), ElementsAre("k=a", "k=c"));
  // One that is open holds the end back.
  ASSERT_TRUE(producer->begin());
  send(*producer, topic, "d");
  while (producer->waiting() > 0) producer->poll();
  EXPECT_THAT(committed_records(topic), ElementsAre("k=a", "k=c"));
  ASSERT_TRUE(producer->commit(kTimeout));
  EXPECT_THAT(committed_records(topic), ElementsAre("k=a", "k=c", "k=d"));
}

TEST(KafkaTransaction, TakingAnIdOverFencesWhoHadIt) {
  const std::string topic = Broker::shared().topic("fenced", 1), id = Broker::unique("id");
  const auto first = transactional(id);
  ASSERT_TRUE(first->begin());
  send(*first, topic, "of the first");
  while (first->waiting() > 0) first->poll();
  const auto second = transactional(id);
  // The first one's transaction has been ended: nobody waits for its timeout.
  ASSERT_TRUE(second->begin());
  send(*second, topic, "of the second");
  ASSERT_TRUE(second->commit(kTimeout));
  EXPECT_THAT(committed_records(topic), ElementsAre("k=of the second"));
  const Outcome outcome = first->commit(kTimeout);
  EXPECT_EQ(outcome.verdict(), Verdict::kFenced) << outcome.message();
  EXPECT_THAT(committed_records(topic), ElementsAre("k=of the second"));
}

TEST(KafkaTransaction, OffsetsAreCommittedWithTheRecordsOrNotAtAll) {
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("offsets", 1), input = broker.topic("input", 1), group = Broker::unique("g");
  const auto producer = transactional(Broker::unique("id"));
  const auto admin = Admin::make(broker.settings());
  const TopicPartition place{input, 0};
  const auto committed = [&] { return (*(*admin)->committed(group, {&place, 1}))[0]; };
  EXPECT_EQ(committed(), std::nullopt);
  for (const bool commits : {true, false}) {
    ASSERT_TRUE(producer->begin());
    send(*producer, topic, commits ? "a" : "b");
    const CommittedOffset offset{place, commits ? 17 : 99};
    const Outcome sent = producer->send_offsets({&offset, 1}, GroupMetadata::without_members(group), kTimeout);
    ASSERT_TRUE(sent) << sent.message();
    ASSERT_TRUE(commits ? producer->commit(kTimeout) : producer->abort(kTimeout));
    EXPECT_EQ(committed(), 17);
  }
  EXPECT_THAT(committed_records(topic), ElementsAre("k=a"));
}

TEST(KafkaTransaction, AtLeastOnceIsSeenAtOnce) {
  const std::string topic = Broker::shared().topic("plain", 1);
  const auto producer = Producer::make(Broker::shared().settings(), {});
  ASSERT_TRUE(producer);
  send(**producer, topic, "a");
  ASSERT_TRUE((*producer)->flush(kTimeout));
  EXPECT_EQ((*producer)->waiting(), 0u);
  EXPECT_THAT(committed_records(topic), ElementsAre("k=a"));
}

TEST(KafkaTransaction, AProducerWithoutABrokerSaysSo) {
  const auto producer = Producer::make(Settings::plain("127.0.0.1:1"), {.transactional_id = "id"});
  ASSERT_TRUE(producer);
  const Outcome outcome = (*producer)->initialise(Milliseconds(1000));
  EXPECT_EQ(outcome.verdict(), Verdict::kRetriable) << outcome.message();
  EXPECT_EQ(outcome.status().error_class(), ErrorClass::kUnavailable);
}

// After a gap librdkafka 2.0.2 has no more use for the producer; a new one under the same id goes on.
TEST(KafkaTransaction, ARecordTooLargeFailsTheTransactionByName) {
  const std::string topic = Broker::shared().topic("large", 1, {{"max.message.bytes", "1000"}});
  const std::string id = Broker::unique("id");
  auto producer = transactional(id);
  ASSERT_TRUE(producer->begin());
  std::string noise;
  for (std::uint64_t i = 0; i < 5000; ++i) noise.push_back(static_cast<char>(mix(1, i)));
  send(*producer, topic, noise);
  const Outcome outcome = producer->commit(kTimeout);
  EXPECT_EQ(outcome.verdict(), Verdict::kFatal) << outcome.message();
  EXPECT_THAT(outcome.message(), testing::HasSubstr(topic));
  producer = transactional(id);
  ASSERT_TRUE(producer->begin());
  send(*producer, topic, "small");
  ASSERT_TRUE(producer->commit(kTimeout));
  EXPECT_THAT(committed_records(topic), ElementsAre("k=small"));
}

// It would be refused again and again: a live run that took it for a lost connection never came to its end.
TEST(KafkaTransaction, ARecordThatIsNeverTakenIsNoLostConnection) {
  const std::string topic = Broker::shared().topic("refused", 1);
  const auto transaction = Transaction::make(Broker::shared().settings(), Broker::unique("id"));
  ASSERT_TRUE(transaction) << transaction.status().message();
  const std::string large(2 << 20, 'x');
  // The transaction's thread sends it: the failure shows later.
  Status status = (*transaction)->send(topic, {.key = "k", .value = large});
  if (status) status = (*transaction)->commit({});
  if (status) status = (*transaction)->settle();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error_class(), ErrorClass::kInputOutput) << status.message();
  EXPECT_THAT(status.message(), testing::AllOf(testing::HasSubstr(topic), testing::HasSubstr("max.message.bytes")));
}

}  // namespace
}  // namespace nudge::connectors::kafka
