// A record whose event time lies too far ahead of its broker's timestamp is bad and moves no clock; files have no
// such timestamp and no such cap.
#include <gtest/gtest.h>

#include "engine/decode.h"
#include "engine/runtime/ingest.h"

namespace nudge::runtime {
namespace {

constexpr Millis kBrokerTime = 1'700'000'000'000;

class OneRead final : public connectors::PartitionReader {
 public:
  explicit OneRead(Millis timestamp) : timestamp_(timestamp) {}
  Status read(connectors::RawBatch& batch, std::size_t, std::size_t) override {
    batch = {};
    if (std::exchange(done_, true)) return Status::ok();
    std::uint64_t offset = 0;
    for (const Millis ahead : {Millis{0}, kDay, kDay + 1, kSecond}) {
      const std::string json = R"({"event_id": "e)" + std::to_string(offset) + R"(", "customer_id": "c", "type": )" +
                               R"("question", "event_time": )" + std::to_string(kBrokerTime + ahead) + "}";
      connectors::RawBatch::Line line{};
      line.offset = offset++;
      line.begin = line.json_begin = static_cast<std::uint32_t>(batch.bytes.size());
      line.size = line.json_size = static_cast<std::uint32_t>(json.size());
      line.timestamp = timestamp_;
      batch.bytes += json;
      batch.lines.push_back(line);
    }
    batch.bytes.append(kInputPadding, '\0');
    return Status::ok();
  }
  std::uint64_t bytes_read() const override { return 0; }

 private:
  const Millis timestamp_;
  bool done_ = false;
};

class OneReadSource final : public connectors::Source {
 public:
  explicit OneReadSource(Millis timestamp) : timestamp_(timestamp) {}
  const std::vector<connectors::PartitionInfo>& partitions() const override { return partitions_; }
  Result<std::unique_ptr<connectors::PartitionReader>> open(const connectors::PartitionInfo&,
                                                            connectors::Position) const override {
    return std::unique_ptr<connectors::PartitionReader>(std::make_unique<OneRead>(timestamp_));
  }
  const std::vector<std::string>& warnings() const override { return warnings_; }

 private:
  const Millis timestamp_;
  std::vector<connectors::PartitionInfo> partitions_ = {{Topic::kCare, 0, "test", 0, ""}};
  std::vector<std::string> warnings_;
};

// `offset:seen` of each item relative to the broker's time; a bad one shows its class.
std::string items(Millis timestamp) {
  const OneReadSource source(timestamp);
  auto task = IngestTask::open(source, source.partitions().front(), {}, {.allowed_lateness = kDay, .future_max = kDay});
  EXPECT_TRUE(task);
  EXPECT_TRUE((*task)->fill(100));
  std::string text;
  for (; !(*task)->empty(); (*task)->take()) {
    const IngestItem& item = (*task)->front();
    text += std::to_string(item.offset) + ":" + std::to_string(item.seen - kBrokerTime);
    if (item.event.empty()) text += "=" + std::string((*task)->bad(item).error_class);
    text += " ";
  }
  return text;
}

TEST(FutureMax, ABadRecordMovesNoClock) {
  EXPECT_EQ(items(kBrokerTime), "0:0 1:86400000 2:86400000=future 3:86400000 ");
  EXPECT_EQ(items(connectors::RawBatch::kNoTimestamp), "0:0 1:86400000 2:86400001 3:86400001 ");
}

}  // namespace
}  // namespace nudge::runtime
