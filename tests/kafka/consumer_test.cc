// What is written is read: keys, nulls, timestamps and headers; from any offset, up to any end, within bounded memory.
#include "connectors/kafka/consumer.h"

#include <gmock/gmock.h>

#include <set>

#include "connectors/record_headers.h"
#include "engine/hash.h"
#include "tests/kafka/broker.h"

namespace nudge::connectors::kafka {

namespace {

constexpr Milliseconds kTimeout(20'000);

TEST(KafkaConsumer, ReadsWhatWasWritten) {
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("round", 1);
  const auto producer = Producer::make(broker.settings(), {});
  const auto to = (*producer)->topic(topic);
  const Header headers[] = {{"a", "1"}, {"empty", ""}};
  ASSERT_TRUE((*producer)->send(to, {.key = "k1", .value = "first", .timestamp = 1234567890123, .headers = headers}));
  ASSERT_TRUE((*producer)->send(to, {.key = "k2", .value = std::nullopt}));
  ASSERT_TRUE((*producer)->send(to, {.key = std::nullopt, .value = ""}));
  ASSERT_TRUE((*producer)->send(to, {.key = "", .value = "of an empty key"}));
  ASSERT_TRUE((*producer)->flush(kTimeout));
  const auto consumer = Consumer::make(broker.settings(), {});
  ASSERT_TRUE((*consumer)->assign({{{topic, 0}, 0, 4}}));
  RawBatch batch;
  std::vector<std::string> records;
  for (;;) {
    const auto read = (*consumer)->read({topic, 0}, batch, 3, 1 << 20, kTimeout);
    ASSERT_TRUE(read);
    if (*read == Consumer::Read::kEnd) break;
    for (const RawBatch::Line& line : batch.lines) {
      std::string record = std::to_string(line.offset) + " " + (line.has_key ? std::string(batch.key(line)) : "null") +
                           "=" + (line.tombstone ? "null" : std::string(batch.raw(line)));
      EXPECT_TRUE(line.offset != 0 || line.timestamp == 1234567890123) << line.timestamp;
      std::string_view rest = batch.headers(line), name, value;
      while (next_header(rest, name, value)) record += " " + std::string(name) + ":" + std::string(value);
      records.push_back(record);
    }
  }
  EXPECT_THAT(records, testing::ElementsAre("0 k1=first a:1 empty:", "1 k2=null", "2 null=", "3 =of an empty key"));
}

// As org.apache.kafka.clients.producer.internals.DefaultPartitioner: what this program computes is what the client
// does.
TEST(KafkaConsumer, KeysGoToJavasPartitions) {
  constexpr int kPartitions = 7;
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("keys", kPartitions);
  const auto producer = Producer::make(broker.settings(), {});
  std::map<int, std::set<std::string>> expected;
  for (int i = 0; i < 500; ++i) {
    const std::string key = "customer-" + std::to_string(i * 7919);
    expected[static_cast<int>(partition_of(key, kPartitions))].insert(key + "=v");
    ASSERT_TRUE((*producer)->send((*producer)->topic(topic), {.key = key, .value = "v"}));
  }
  ASSERT_TRUE((*producer)->flush(kTimeout));
  for (int partition = 0; partition < kPartitions; ++partition) {
    const auto records = committed_records(topic, partition);
    EXPECT_EQ(std::set<std::string>(records.begin(), records.end()), expected[partition]) << partition;
  }
}

// A buffer far smaller than the data, and readers of different pace: nothing is lost, repeated or out of order.
TEST(KafkaConsumer, PausesWhatIsAheadAndLosesNothing) {
  constexpr int kPartitions = 4, kRecords = 40'000;
  constexpr std::size_t kBufferBytes = 2 << 20;
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("paused", kPartitions);
  const auto producer = Producer::make(broker.settings(), {});
  const std::string filler(200, 'x');
  for (int i = 0; i < kRecords; ++i) {
    for (int partition = 0; partition < kPartitions; ++partition) {
      const OutgoingRecord record{.key = "k", .value = filler, .partition = partition};
      ASSERT_TRUE((*producer)->send((*producer)->topic(topic), record));
    }
  }
  ASSERT_TRUE((*producer)->flush(Milliseconds(60'000)));
  const auto consumer = Consumer::make(broker.settings(), {.buffer_bytes_max = kBufferBytes});
  std::vector<PartitionStart> starts;
  for (int partition = 0; partition < kPartitions; ++partition) starts.push_back({{topic, partition}, 0, kRecords});
  ASSERT_TRUE((*consumer)->assign(starts));
  std::vector<std::uint64_t> next(kPartitions, 0);
  std::size_t most = 0;
  RawBatch batch;
  // The last partition is read only after all others: it must not keep them from being read, nor take all the memory.
  for (int partition = 0; partition < kPartitions; ++partition) {
    for (;;) {
      const auto read = (*consumer)->read({topic, partition}, batch, 777, 1 << 20, kTimeout);
      ASSERT_TRUE(read);
      ASSERT_NE(*read, Consumer::Read::kNothingYet) << partition << " at " << next[partition];
      if (*read == Consumer::Read::kEnd) break;
      for (const RawBatch::Line& line : batch.lines) ASSERT_EQ(line.offset, next[partition]++);
      most = std::max(most, (*consumer)->buffered_bytes());
    }
    EXPECT_EQ(next[partition], kRecords);
  }
  EXPECT_LT(most, 4 * kBufferBytes);
}

// The marks of transactions are no records, but librdkafka counts with those that it throws away at a pause.
TEST(KafkaConsumer, PausesBetweenTransactionsAndLosesNothing) {
  constexpr int kPartitions = 4, kTransactions = 60, kRecords = 25, kRounds = 4;
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("marks", kPartitions);
  const auto producer = Producer::make(broker.settings(), {.transactional_id = Broker::unique("marks")});
  ASSERT_TRUE((*producer)->initialise(kTimeout));
  for (int transaction = 0; transaction < kTransactions; ++transaction) {
    ASSERT_TRUE((*producer)->begin());
    for (int i = 0; i < kRecords * kPartitions; ++i) {
      const std::string value = std::to_string(transaction * kRecords + i / kPartitions);
      const OutgoingRecord record{.key = "k", .value = value, .partition = i % kPartitions};
      ASSERT_TRUE((*producer)->send((*producer)->topic(topic), record));
    }
    ASSERT_TRUE((*producer)->commit(kTimeout));
  }
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    const auto consumer = Consumer::make(broker.settings(), {.buffer_bytes_max = 16 << 10});
    std::vector<PartitionStart> starts;
    for (int partition = 0; partition < kPartitions; ++partition)
      starts.push_back({{topic, partition}, 0, kTransactions * (kRecords + 1)});
    ASSERT_TRUE((*consumer)->assign(starts));
    RawBatch batch;
    for (int partition = 0; partition < kPartitions; ++partition) {
      int next = 0;
      for (;;) {
        const auto read = (*consumer)->read({topic, partition}, batch, 7, 1 << 20, kTimeout);
        ASSERT_TRUE(read) << read.status().message();
        ASSERT_NE(*read, Consumer::Read::kNothingYet) << partition << " at " << next;
        if (*read == Consumer::Read::kEnd) break;
        for (const RawBatch::Line& line : batch.lines) ASSERT_EQ(batch.raw(line), std::to_string(next++));
      }
      EXPECT_EQ(next, kTransactions * kRecords) << partition;
    }
  }
}

// librdkafka keeps a partition paused beyond its assignment.
TEST(KafkaConsumer, APartitionThatWasPausedIsReadAgain) {
  constexpr int kRecords = 3000, kRounds = 20;
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("again", 1);
  const auto producer = Producer::make(broker.settings(), {});
  const std::string filler(1000, 'x');
  for (int i = 0; i < kRecords; ++i)
    ASSERT_TRUE((*producer)->send((*producer)->topic(topic), {.key = "k", .value = filler}));
  ASSERT_TRUE((*producer)->flush(kTimeout));
  const auto consumer = Consumer::make(broker.settings(), {.buffer_bytes_max = 1 << 20});
  const TopicPartition place{topic, 0};
  RawBatch batch;
  for (int round = 0; round < kRounds; ++round) {
    // Up to its end, so that nothing more is wanted; or left where the buffer is full, right away or after a while.
    const bool ends = round % 2 == 0;
    ASSERT_TRUE((*consumer)->assign({{place, 0, ends ? kRecords : std::optional<std::int64_t>()}}));
    std::size_t records = 0;
    while (records < (ends ? kRecords : 1)) {
      const auto read = (*consumer)->read(place, batch, 10, 1 << 20, kTimeout);
      ASSERT_TRUE(read);
      ASSERT_EQ(*read, Consumer::Read::kRecords) << "round " << round << " after " << records;
      records += batch.lines.size();
    }
    if (ends) {
      EXPECT_EQ(*(*consumer)->read(place, batch, 10, 1 << 20, kTimeout), Consumer::Read::kEnd);
    }
    if (round % 4 > 1) std::this_thread::sleep_for(Milliseconds(50));
    ASSERT_TRUE((*consumer)->unassign({place}));
  }
}

TEST(KafkaConsumer, AnOffsetThatIsGoneIsAFailure) {
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("gone", 1);
  const auto consumer = Consumer::make(broker.settings(), {});
  ASSERT_TRUE((*consumer)->assign({{{topic, 0}, 17, {}}}));
  RawBatch batch;
  const auto read = (*consumer)->read({topic, 0}, batch, 10, 1000, kTimeout);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.status().message(), testing::HasSubstr("the broker no longer has the offset to go on from"));
  ASSERT_TRUE((*consumer)->unassign({{topic, 0}}));
}

TEST(KafkaConsumer, GoesOnWithWhatComes) {
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("live", 1);
  const auto consumer = Consumer::make(broker.settings(), {});
  ASSERT_TRUE((*consumer)->assign({{{topic, 0}, 0, {}}}));
  RawBatch batch;
  EXPECT_EQ(*(*consumer)->read({topic, 0}, batch, 10, 1000, Milliseconds(0)), Consumer::Read::kNothingYet);
  EXPECT_FALSE((*consumer)->wait(Milliseconds(50)));
  const auto producer = Producer::make(broker.settings(), {});
  ASSERT_TRUE((*producer)->send((*producer)->topic(topic), {.key = "k", .value = "v"}));
  ASSERT_TRUE((*producer)->flush(kTimeout));
  EXPECT_TRUE((*consumer)->wait(kTimeout));
  EXPECT_EQ(*(*consumer)->read({topic, 0}, batch, 10, 1000, Milliseconds(0)), Consumer::Read::kRecords);
  EXPECT_EQ(batch.lines.size(), 1u);
}

}  // namespace
}  // namespace nudge::connectors::kafka
