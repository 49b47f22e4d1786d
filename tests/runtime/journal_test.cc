// Which cuts of a journal hold: those of whoever took it over last, one round after the other.
#include "engine/runtime/journal.h"

#include <gtest/gtest.h>

namespace nudge::runtime {
namespace {

const std::vector<connectors::PartitionInfo> kPartitions = {{Topic::kTransactions, 0, "", 0, ""}};

std::string mark(int generation, const std::string& writer) {
  return R"({"generation":)" + std::to_string(generation) + R"(,"writer":")" + writer + R"("})";
}

std::string cut(std::uint64_t round, const std::string& writer) {
  Cut cut;
  cut.round = round;
  cut.writer = writer;
  cut.watermark = static_cast<Millis>(round) * 10;
  cut.horizons = {round};
  return encode(cut, kPartitions);
}

// The rounds that hold, and their writers.
std::string rounds(const std::vector<std::string>& records, const Cut& last = {}) {
  JournalReading reading(kPartitions, last);
  std::string found;
  for (const std::string& record : records) {
    const auto read = reading.read(record);
    if (!read.is_ok()) return found + read.status().message();
    if (read.value()) found += std::to_string(read.value()->round) + read.value()->writer + " ";
  }
  return found;
}

TEST(JournalReading, TheCutsOfWhoeverTookOverLastHold) {
  EXPECT_EQ(rounds({mark(1, "a"), cut(1, "a"), cut(2, "a"), mark(2, "b"), cut(3, "b")}), "1a 2a 3b ");
}

TEST(JournalReading, WhoHasBeenRelievedIsNotBelieved) {
  EXPECT_EQ(rounds({mark(1, "a"), cut(1, "a"), mark(2, "b"), cut(2, "a"), cut(2, "b"), cut(3, "a"), mark(1, "a"),
                    cut(3, "b")}),
            "1a 2b 3b ");
}

TEST(JournalReading, AnotherLifeInTheSameGenerationTakesOver) {
  EXPECT_EQ(rounds({mark(1, "a"), cut(1, "a"), mark(1, "c"), cut(2, "a"), cut(2, "c")}), "1a 2c ");
}

TEST(JournalReading, CommitsAreNoCuts) { EXPECT_EQ(rounds({mark(1, "a"), commit_note(7, "{}"), cut(1, "a")}), "1a "); }

TEST(JournalReading, GoesOnBehindTheLastCut) {
  Cut last;
  last.round = 2;
  last.writer = "a";
  last.generation = 4;
  EXPECT_EQ(
      rounds({cut(1, "a"), cut(2, "a"), cut(3, "old"), cut(3, "a"), mark(3, "old"), cut(4, "old"), cut(4, "a")}, last),
      "3a 4a ");
}

TEST(JournalReading, AGapIsAnError) {
  EXPECT_EQ(rounds({mark(1, "a"), cut(1, "a"), cut(3, "a")}),
            "1a is round 3, and 2 was expected: a part of the journal is gone");
  EXPECT_EQ(rounds({"rubbish"}).substr(0, 9), "is no cut");
  EXPECT_EQ(rounds({R"({"generation":"x"})"}), "is no record of a journal");
}

}  // namespace
}  // namespace nudge::runtime
