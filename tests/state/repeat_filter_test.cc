// RepeatFilter against a set, with a table so small that it spills into runs, and restarts in between.
#include "state/repeat_filter.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace nudge::state {
namespace {

TEST(RepeatFilter, TellsTheFirstFromItsRepeats) {
  const auto store = make_memory_store();
  RepeatFilter filter = *RepeatFilter::load(*store, "d", 1 << 20);
  EXPECT_TRUE(*filter.insert({1, 2}));
  EXPECT_FALSE(*filter.insert({1, 2}));
  EXPECT_TRUE(*filter.insert({2, 1}));
  EXPECT_TRUE(*filter.insert({0, 0}));
  EXPECT_FALSE(*filter.insert({0, 0}));
}

TEST(RepeatFilter, AgreesWithASetThroughSpillsAndRestarts) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto store = make_memory_store();
    RepeatFilter filter = *RepeatFilter::load(*store, "d", 1 << 15);  // 1,536 hashes a run
    std::set<Hash128> known, unwritten;
    for (int i = 0; i < 12'000; ++i) {
      const Hash128 hash = hash128(std::to_string(random() % 9'000));
      const bool first = known.insert(hash).second;
      if (first) unwritten.insert(hash);
      ASSERT_EQ(*filter.insert(hash), first);
      if (random() % 500 == 0) {
        const auto batch = store->batch();
        filter.write_changes(*batch);
        ASSERT_TRUE(store->write(*batch).is_ok());
        unwritten.clear();
      }
      if (random() % 3'000 == 0) {
        // A crash: what was not written is forgotten, and nothing else.
        filter = *RepeatFilter::load(*store, "d", 1 << 15);
        for (const Hash128& lost : unwritten) known.erase(lost);
        unwritten.clear();
        ASSERT_EQ(filter.size(), known.size());
      }
    }
    EXPECT_LT(filter.memory_bytes(), 80'000u);
  }
}

}  // namespace
}  // namespace nudge::state
