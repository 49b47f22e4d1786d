// Where a live run's rounds are cut: a backlog in the ideal order, what is new at once.
#include "engine/runtime/sequencer.h"

#include <gtest/gtest.h>

namespace nudge::runtime {
namespace {

using std::chrono::milliseconds;

constexpr Millis kDisorder = 10;
constexpr milliseconds kMergeWait(1'000);

OrderKey at(Millis seen, std::uint32_t partition, std::uint64_t offset = 0) { return {seen, 0, partition, offset}; }

// `waits`: its first record waits, and its newest is read.
Sequencer::Input input(std::uint64_t next, std::optional<OrderKey> first, std::optional<OrderKey> newest, bool behind) {
  return {next, newest, first, behind};
}

class SequencerTest : public testing::Test {
 protected:
  std::optional<Cut> next(std::vector<Sequencer::Input> inputs, milliseconds after = milliseconds(0)) {
    now_ += after;
    return sequencer_.next(inputs, now_);
  }
  Sequencer::Time now_{};
  Sequencer sequencer_{kDisorder, kMergeWait, Cut()};
};

TEST_F(SequencerTest, NothingWaitsNothingIsCut) {
  EXPECT_FALSE(next({input(0, {}, {}, true), input(0, {}, {}, false)}));
}

TEST_F(SequencerTest, WhatIsReadToItsEndHoldsNobodyUp) {
  const auto cut = next({input(3, at(100, 0), at(300, 0, 2), false), input(1, {}, at(50, 1), false)});
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->round, 1u);
  EXPECT_EQ(cut->bound, at(300, 0, 2));
  EXPECT_EQ(cut->watermark, 290);
  EXPECT_EQ(cut->horizons, (std::vector<std::uint64_t>{3, 1}));
}

TEST_F(SequencerTest, ABacklogIsCutWhereTheSlowestPartitionStands) {
  const auto cut = next({input(3, at(100, 0), at(300, 0, 2), true), input(2, at(90, 1), at(200, 1, 1), true)});
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->bound, at(200, 1, 1));
  EXPECT_EQ(cut->watermark, 190);
}

TEST_F(SequencerTest, APartitionThatIsBehindIsWaitedForAndNotForEver) {
  const std::vector<Sequencer::Input> inputs = {input(3, at(100, 0), at(300, 0, 2), false), input(0, {}, {}, true)};
  EXPECT_FALSE(next(inputs));
  EXPECT_FALSE(next(inputs, kMergeWait - milliseconds(1)));
  const auto cut = next(inputs, milliseconds(1));
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->bound, at(300, 0, 2));
}

TEST_F(SequencerTest, WhatComesSlowlyIsWaitedForAgainEachTime) {
  for (std::uint64_t i = 1; i <= 5; ++i) {
    const auto cut = next({input(9, at(500, 0), at(900, 0, 8), true), input(i, at(100, 1), at(100, 1, i - 1), true)},
                          kMergeWait / 2);
    ASSERT_TRUE(cut) << i;
    EXPECT_EQ(cut->bound, at(100, 1, i - 1)) << "the first partition's records wait";
  }
}

TEST_F(SequencerTest, TheWatermarkNeverGoesBack) {
  ASSERT_EQ(next({input(1, at(1'000, 0), at(1'000, 0), false)})->watermark, 990);
  const auto late = next({input(1, {}, at(1'000, 0), false), input(1, at(5, 1), at(5, 1), true)});
  ASSERT_TRUE(late);
  EXPECT_EQ(late->bound, at(5, 1));
  EXPECT_EQ(late->watermark, 990);
  EXPECT_EQ(late->round, 2u);
}

TEST(Cut, IsReadAsItWasWritten) {
  const std::vector<connectors::PartitionInfo> partitions = {
      {Topic::kTransactions, 0, "", 0, ""}, {Topic::kTransactions, 1, "", 0, ""}, {Topic::kCare, 0, "", 0, ""}};
  Cut cut;
  cut.round = 7;
  cut.bound = {1'700'000'000'000, 5, 3, 12'345'678'901};
  cut.watermark = 1'699'999'999'990;
  cut.horizons = {5, 0, 9'999'999'999};
  cut.writer = "host-1";
  const std::string text = encode(cut, partitions);
  EXPECT_EQ(text, R"({"round":7,"writer":"host-1","watermark":1699999999990,"bound":[1700000000000,5,3,12345678901],)"
                  R"("horizons":{"transactions/0":5,"care/0":9999999999}})");
  const auto read = decode_cut(text, partitions);
  ASSERT_TRUE(read.is_ok()) << read.status().message();
  EXPECT_EQ(read->round, cut.round);
  EXPECT_EQ(read->writer, cut.writer);
  EXPECT_EQ(read->bound, cut.bound);
  EXPECT_EQ(read->watermark, cut.watermark);
  EXPECT_EQ(read->horizons, cut.horizons);
  EXPECT_FALSE(decode_cut("{}", partitions).is_ok());
  EXPECT_EQ(decode_cut("nonsense", partitions).status().message(), "is no cut: it is no JSON");
  EXPECT_FALSE(decode_cut(text, {partitions.begin(), partitions.begin() + 2}).is_ok()) << "care/0 is not there";
}

}  // namespace
}  // namespace nudge::runtime
