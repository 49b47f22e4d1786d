// The log in memory, as a source and as a sink.
#include "connectors/memory/log.h"

#include <gtest/gtest.h>

#include <thread>

#include "engine/decode.h"
#include "tests/connectors/reading.h"

namespace nudge::connectors {
namespace {

TEST(MemoryLog, NumbersRecordsPerPartition) {
  MemoryLog log;
  EXPECT_EQ(log.append("care", 1, "a"), 0u);
  EXPECT_EQ(log.append("care", 1, "b"), 1u);
  EXPECT_EQ(log.append("care", 0, "c"), 0u);
  EXPECT_EQ(log.partitions("care"), 2u);
  EXPECT_EQ(log.records("care", 1), 2u);
  EXPECT_EQ(log.content("care", 1), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(log.partitions("products"), 0u);
  EXPECT_EQ(log.records("care", 7), 0u);
}

TEST(MemoryLog, IsASourceOfItsInputTopics) {
  MemoryLog log;
  log.make_topic("page_views", 2);
  log.append("transactions", 0, "t");
  log.append("page_views", 1, "a");
  log.append("page_views", 1, "b");
  log.append("scores", 0, "an output");
  const auto source = log.source();
  ASSERT_EQ(source->partitions().size(), 3u);
  EXPECT_EQ(source->partitions()[0].topic, Topic::kTransactions);
  EXPECT_EQ(summary(*source, source->partitions()[1]), "");
  EXPECT_EQ(summary(*source, source->partitions()[2]), "0:a 1:b ");
  const auto rest = read_all(*source, source->partitions()[2], {1, 0});
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ((*rest)[0].raw, "b");
  EXPECT_FALSE(source->open(source->partitions()[2], {3, 0}).is_ok());
}

TEST(MemoryLog, AReaderAtTheEndSeesWhatIsAppendedLater) {
  MemoryLog log;
  log.append("care", 0, "a");
  const auto source = log.source();
  const auto reader = source->open(source->partitions()[0], {1, 0});
  RawBatch batch;
  ASSERT_TRUE((*reader)->read(batch, 10, 100));
  EXPECT_TRUE(batch.lines.empty());
  for (const char* record : {"b", "c", "d"}) log.append("care", 0, record);
  ASSERT_TRUE((*reader)->read(batch, 2, 100));
  ASSERT_EQ(batch.lines.size(), 2u);
  EXPECT_EQ(batch.raw(batch.lines[0]), "b");
  EXPECT_GE(batch.bytes.size(), 2 + kInputPadding);
  ASSERT_TRUE((*reader)->read(batch, 10, 1));
  ASSERT_EQ(batch.lines.size(), 1u);
  EXPECT_EQ(batch.lines[0].offset, 3u);
}

TEST(MemoryLog, IsASinkThatRewinds) {
  MemoryLog log;
  const auto sink = log.sink({"scores", "rfm"});
  log.append("scores", 0, "of another run");
  ASSERT_TRUE(sink->reset());
  ASSERT_TRUE(sink->append("scores", "a\nb\n"));
  ASSERT_TRUE(sink->append("scores", ""));
  const auto committed = sink->flush();
  ASSERT_TRUE(committed);
  EXPECT_EQ(*committed, (SinkPosition{{"rfm", 0}, {"scores", 2}}));
  ASSERT_TRUE(sink->append("scores", "c\n"));
  ASSERT_TRUE(sink->append("rfm", "d\n"));
  ASSERT_TRUE(sink->rewind(*committed));
  EXPECT_EQ(log.content("scores", 0), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(log.content("rfm", 0).empty());
  EXPECT_FALSE(sink->rewind({{"scores", 3}}).is_ok());
}

TEST(MemoryLog, TakesAppendsAndReadsOfManyThreads) {
  constexpr int kThreads = 4, kRecords = 2000;
  MemoryLog log;
  log.make_topic("care", 2);
  std::vector<std::jthread> writers;
  for (int t = 0; t < kThreads; ++t)
    writers.emplace_back([&log, t] {
      for (int i = 0; i < kRecords; ++i) log.append("care", t % 2, std::to_string(t) + "/" + std::to_string(i));
    });
  const auto source = log.source();
  std::vector<int> next(kThreads, 0);
  for (const PartitionInfo& partition : source->partitions()) {
    const auto reader = source->open(partition, {});
    RawBatch batch;
    for (int left = kThreads / 2 * kRecords; left > 0; left -= static_cast<int>(batch.lines.size())) {
      ASSERT_TRUE((*reader)->read(batch, 100, 1000));
      for (const RawBatch::Line& line : batch.lines) {
        const std::string record(batch.raw(line));
        const int writer = std::stoi(record);
        ASSERT_EQ(record, std::to_string(writer) + "/" + std::to_string(next[writer]++));
      }
    }
  }
}

}  // namespace
}  // namespace nudge::connectors
