// Parcels between tasks: whole, once, in whatever order and however often their records come.
#include "engine/runtime/exchange.h"

#include <gtest/gtest.h>

#include <random>

namespace nudge::runtime {
namespace {

using std::chrono::milliseconds;

struct Record {
  std::uint32_t partition;
  std::string bytes;
};

// Hands every record over that is wanted, from the offset on.
class Log final : public ExchangeLog {
 public:
  explicit Log(std::vector<Record>& records) : records_(records) {}
  Status append(std::uint32_t partition, std::string_view record) override {
    records_.push_back({partition, std::string(record)});
    return Status::ok();
  }
  Status flush() override { return Status::ok(); }
  Status follow(std::uint32_t partition, std::uint64_t offset) override {
    next_[partition] = offset;
    return Status::ok();
  }
  // The offset is the place among all records.
  Result<bool> poll(milliseconds, const Take& take) override {
    bool any = false;
    for (std::size_t i = 0; i < records_.size(); ++i) {
      const auto next = next_.find(records_[i].partition);
      if (next == next_.end() || i < next->second) continue;
      next->second = i + 1;
      any = true;
      NUDGE_TRY(take(records_[i].partition, i, records_[i].bytes));
    }
    return any;
  }

 private:
  std::vector<Record>& records_;
  std::map<std::uint32_t, std::uint64_t> next_;
};

class ExchangeTest : public testing::Test {
 protected:
  std::vector<Record> records_;
  Log sending_{records_}, receiving_{records_};
  Status goes_on_;
  Exchange sender_{sending_, 3, [this] { return goes_on_; }};
  Exchange receiver_{receiving_, 3, [this] { return goes_on_; }};
  std::string received(std::uint64_t step, Stage stage, std::uint32_t from, std::uint32_t to) {
    const auto parcel = receiver_.receive(step, stage, from, to);
    return parcel.is_ok() ? std::string(parcel.value()) : parcel.status().message();
  }
};

TEST_F(ExchangeTest, AParcelOfAnySizeArrivesWhole) {
  ASSERT_TRUE(receiver_.open(1, 0, 0));
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(sender_.send(1, Stage::kLinked, 0, 1, ""));
  ASSERT_TRUE(sender_.send(1, Stage::kLinked, 2, 1, large));
  ASSERT_TRUE(sender_.send(1, Stage::kLinked, 2, 0, "for another"));
  ASSERT_TRUE(sender_.post());
  for (const Record& record : records_) EXPECT_LT(record.bytes.size(), 1'000'000u);
  EXPECT_EQ(received(1, Stage::kLinked, 0, 1), "");
  EXPECT_TRUE(received(1, Stage::kLinked, 2, 1) == large);
}

TEST_F(ExchangeTest, WhatComesTwiceAndMixedIsTakenOnce) {
  std::mt19937_64 random(1);
  const std::string large(2 << 20, 'y');
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_TRUE(sender_.send(1, Stage::kDecided, 0, 1, large));
    ASSERT_TRUE(sender_.post());
  }
  ASSERT_GT(records_.size(), 6u);
  std::shuffle(records_.begin(), records_.end(), random);
  ASSERT_TRUE(receiver_.open(1, 0, 0));
  EXPECT_TRUE(received(1, Stage::kDecided, 0, 1) == large);
}

TEST_F(ExchangeTest, TheOffsetIsThatOfTheFirstParcelThatIsStillNeeded) {
  ASSERT_TRUE(receiver_.open(1, 1, 0));
  for (const std::uint64_t step : {1, 3, 2, 3, 4}) {
    ASSERT_TRUE(sender_.send(step, Stage::kRouted, sender_.spine(), 1, std::to_string(step)));
    ASSERT_TRUE(sender_.post());
  }
  EXPECT_EQ(received(2, Stage::kRouted, 3, 1), "2");
  receiver_.done(1, 2);
  EXPECT_EQ(receiver_.offset(1), 1u);
  EXPECT_EQ(received(3, Stage::kRouted, 3, 1), "3");
  receiver_.done(1, 3);
  EXPECT_EQ(receiver_.offset(1), 4u);
  receiver_.done(1, 4);
  EXPECT_EQ(receiver_.offset(1), 5u);
}

TEST_F(ExchangeTest, WaitingEndsWhereItIsOfNoUse) {
  ASSERT_TRUE(receiver_.open(1, 0, 0));
  goes_on_ = Status::error(ErrorClass::kUnavailable, "the tasks are placed anew");
  EXPECT_EQ(received(1, Stage::kRouted, 3, 1), "the tasks are placed anew");
  const auto arrived = receiver_.arrived(1, Stage::kRouted, 3, 1, milliseconds(0));
  ASSERT_TRUE(arrived.is_ok());
  EXPECT_FALSE(arrived.value());
}

TEST_F(ExchangeTest, AnUnreadableRecordIsNamed) {
  records_.push_back({1, std::string("\x01\x07\xff", 3)});
  ASSERT_TRUE(receiver_.open(1, 0, 0));
  EXPECT_EQ(received(1, Stage::kRouted, 3, 1),
            "the exchange's partition 1: record 0 cannot be read: it was written by another version");
}

}  // namespace
}  // namespace nudge::runtime
