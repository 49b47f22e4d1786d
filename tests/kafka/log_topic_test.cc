// An ordered log between a writer that many threads use and a reader: order, latency, bounds, and what cannot be done.
#include "connectors/kafka/log_topic.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "engine/hash.h"
#include "tests/kafka/broker.h"

namespace nudge::connectors::kafka {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;
constexpr Milliseconds kTimeout(20'000);

std::string noise(std::size_t bytes, std::uint64_t seed) {
  std::string out;
  while (out.size() < bytes) out.push_back(static_cast<char>(mix(seed, out.size())));
  return out;
}

TEST(KafkaLog, ManyThreadsWriteAndEachOnesOrderHolds) {
  constexpr int kThreads = 4, kRecords = 500, kPartitions = 2;
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("log", kPartitions);
  const auto writer = LogWriter::make(broker.settings(), {});
  const auto reader = LogReader::make(broker.settings(), {});
  ASSERT_TRUE((*reader)->assign({{{topic, 0}, 0, {}}, {{topic, 1}, 0, {}}}));
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kRecords; ++i)
        ASSERT_TRUE((*writer)->append(topic, thread % kPartitions, std::to_string(thread), std::to_string(i)));
    });
  threads.clear();
  ASSERT_TRUE((*writer)->flush(kTimeout));
  EXPECT_TRUE((*writer)->poll());
  std::vector<int> next(kThreads);
  std::size_t count = 0;
  for (const auto until = Clock::now() + kTimeout; count < kThreads * kRecords && Clock::now() < until;) {
    const auto polled = (*reader)->poll(Milliseconds(100), [&](const LogRecord& record) {
      const int thread = std::stoi(std::string(record.key));
      EXPECT_EQ(record.place.partition, thread % kPartitions);
      EXPECT_EQ(*record.value, std::to_string(next[static_cast<std::size_t>(thread)]++));
      EXPECT_GT(record.timestamp, 0);
    });
    ASSERT_TRUE(polled);
    count += *polled;
  }
  EXPECT_EQ(count, kThreads * kRecords);
  EXPECT_EQ(*(*reader)->poll(Milliseconds(0), [](const LogRecord&) {}), 0u);
}

TEST(KafkaLog, AnOffsetThatIsGoneIsSaidByName) {
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("log", 1);
  const auto reader = LogReader::make(broker.settings(), {});
  ASSERT_TRUE((*reader)->assign({{{topic, 0}, 17, {}}}));
  for (int again = 0; again < 2; ++again) {
    const auto polled = (*reader)->poll(kTimeout, [](const LogRecord&) {});
    ASSERT_FALSE(polled);
    EXPECT_THAT(polled.status().message(),
                HasSubstr(topic + "/0: the broker no longer has the offset to go on from, 17"));
    EXPECT_THAT(polled.status().message(), HasSubstr("restore the topic"));
  }
  ASSERT_TRUE((*reader)->unassign({{topic, 0}}));
}

TEST(KafkaLog, WhatCannotBeDeliveredEndsTheWriter) {
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("log", 1, {{"max.message.bytes", "1000"}});
  const auto writer = LogWriter::make(broker.settings(), {});
  ASSERT_TRUE((*writer)->append(topic, 0, "k", noise(5000, 1)));
  Status status;
  for (const auto until = Clock::now() + kTimeout; status && Clock::now() < until;) {
    status = (*writer)->poll();
    std::this_thread::sleep_for(Milliseconds(5));
  }
  ASSERT_FALSE(status);
  EXPECT_THAT(status.message(), HasSubstr(topic + "/0"));
  EXPECT_FALSE((*writer)->append(topic, 0, "k", "small"));
  EXPECT_FALSE((*writer)->poll());
}

TEST(KafkaLog, AReaderThatIsBehindHoldsLittle) {
  constexpr int kRecords = 200;
  constexpr std::size_t kBufferBytes = 4 << 20, kRecordBytes = 256 << 10;
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("log", 1);
  const auto writer = LogWriter::make(broker.settings(), {});
  const std::string value = noise(kRecordBytes, 2);
  for (int i = 0; i < kRecords; ++i) ASSERT_TRUE((*writer)->append(topic, 0, "k", value));
  ASSERT_TRUE((*writer)->flush(kTimeout));
  const auto reader = LogReader::make(broker.settings(), {.buffer_bytes_max = kBufferBytes});
  ASSERT_TRUE((*reader)->assign({{{topic, 0}, 0, {}}}));
  std::size_t count = 0, most = 0;
  for (const auto until = Clock::now() + kTimeout; count < kRecords && Clock::now() < until;) {
    const auto polled = (*reader)->poll(Milliseconds(100), [&](const LogRecord&) {});
    ASSERT_TRUE(polled);
    count += *polled;
    most = std::max(most, (*reader)->buffered_bytes());
    std::this_thread::sleep_for(Milliseconds(2));
  }
  EXPECT_EQ(count, kRecords);
  EXPECT_LT(most, 4 * kBufferBytes);
}

// Figures, as other tests of this machine allow: tools/nudge has no command for it.
TEST(KafkaLog, ArrivesWithinMilliseconds) {
  constexpr int kRecords = 100;
  constexpr Milliseconds kApart(20);
  Broker& broker = Broker::shared();
  const std::string topic = broker.topic("log", 1);
  const auto writer = LogWriter::make(broker.settings(), {});
  const auto reader = LogReader::make(broker.settings(), {});
  ASSERT_TRUE((*reader)->assign({{{topic, 0}, 0, {}}}));
  const std::string value = noise(10 << 10, 3);
  std::vector<Clock::time_point> sent(kRecords);
  std::vector<double> milliseconds;
  std::jthread appending([&] {
    for (std::size_t i = 0; i < kRecords; ++i) {
      sent[i] = Clock::now();
      ASSERT_TRUE((*writer)->append(topic, 0, std::to_string(i), value));
      std::this_thread::sleep_until(sent[i] + kApart);
    }
  });
  for (const auto until = Clock::now() + kTimeout; milliseconds.size() < kRecords && Clock::now() < until;)
    ASSERT_TRUE((*reader)->poll(Milliseconds(1000), [&](const LogRecord& record) {
      const std::chrono::duration<double, std::milli> took =
          Clock::now() - sent[static_cast<std::size_t>(std::stoi(std::string(record.key)))];
      milliseconds.push_back(took.count());
    }));
  ASSERT_EQ(milliseconds.size(), kRecords);
  std::ranges::sort(milliseconds);
  RecordProperty("p50_us", static_cast<int>(milliseconds[kRecords / 2] * 1000));
  RecordProperty("p99_us", static_cast<int>(milliseconds[kRecords * 99 / 100] * 1000));
  // A reader that slept until a timeout would take tens of milliseconds; the bound leaves room for a busy machine.
  EXPECT_LT(milliseconds[kRecords / 2], 50);
}

}  // namespace
}  // namespace nudge::connectors::kafka
