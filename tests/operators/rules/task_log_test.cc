// The log between two partials, through commits and restarts.
#include "operators/rules/task_log.h"

#include <gtest/gtest.h>

#include <random>

#include "operators/rules/told.h"
#include "tests/support/stored_pieces.h"

namespace nudge::rules {
namespace {

TEST(TaskLog, OutlastsRestarts) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    TaskLog log;
    testing::StoredPieces stored;
    std::string wanted;
    for (int step = 0; step < 400; ++step) {
      switch (random() % 12) {
        case 0:
          log.write(stored);
          break;
        case 1: {
          log.write(stored);
          TaskLog read;
          for (const auto& [number, piece] : stored.pieces()) ASSERT_TRUE(read.read(number, piece));
          log = std::move(read);
          break;
        }
        case 2:
          if (random() % 6 != 0) break;
          EXPECT_EQ(log.take(), wanted);
          wanted.clear();
          break;
        default: {
          const std::string entry(random() % 3'000, static_cast<char>('a' + random() % 26));
          log.open() += entry;
          wanted += entry;
          log.end_entry();
        }
      }
    }
    EXPECT_EQ(log.take(), wanted);
  }
}

TEST(TaskLog, ACommitWritesWhatIsNew) {
  TaskLog log;
  testing::StoredPieces stored;
  for (int i = 0; i < 100; ++i) {
    log.open() += std::string(10'000, 'x');
    log.end_entry();
    log.write(stored);
  }
  // What is open is written again, at most twice the piece with its last entry.
  EXPECT_LT(stored.bytes_put(), 3'000'000u);
}

TEST(Told, ReadsWhatIsWritten) {
  std::string bytes;
  Encoder out(bytes);
  Entry sale{.kind = Told::kSale, .customer = {1, 2}, .transaction = 3, .time = -4};
  sale.lines = {{"a", DiscountLevel::kNone}, {"b", DiscountLevel::kMore}};
  sale.encode(out);
  Entry product{.kind = Told::kProduct};
  product.product = "p";
  product.facts = {"coats", "", "women", "north", "", 5};
  product.encode(out);
  Entry segments{.kind = Told::kSegments, .customer = {5, 6}, .segments = 7};
  segments.encode(out);
  Decoder in(bytes);
  Entry read;
  ASSERT_TRUE(read.decode(in));
  EXPECT_EQ(read.customer, (Hash128{1, 2}));
  EXPECT_EQ(read.transaction, 3u);
  EXPECT_EQ(read.time, -4);
  ASSERT_EQ(read.lines.size(), 2u);
  EXPECT_EQ(read.lines[1].product, "b");
  EXPECT_EQ(read.lines[1].discount, DiscountLevel::kMore);
  ASSERT_TRUE(read.decode(in));
  EXPECT_EQ(read.product, "p");
  EXPECT_EQ(read.facts, product.facts);
  ASSERT_TRUE(read.decode(in));
  EXPECT_EQ(read.segments, 7u);
  EXPECT_TRUE(in.at_end());
  // Damaged bytes are refused, not read beyond.
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Decoder cut(std::string_view(bytes).substr(0, size));
    while (!cut.at_end() && read.decode(cut)) continue;
  }
}

}  // namespace
}  // namespace nudge::rules
