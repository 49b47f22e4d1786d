#include "operators/recommendations/rhythm.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace nudge::recommendations {
namespace {

TEST(Rhythm, IsKnownFromThreePurchasesOn) {
  const Millis times[] = {0, 10 * kDay, 24 * kDay};
  EXPECT_FALSE(Rhythm::of(std::span(times).first(2)));
  const auto rhythm = Rhythm::of(times);
  ASSERT_TRUE(rhythm);
  EXPECT_EQ(rhythm->purchases, 3u);
  EXPECT_EQ(rhythm->mean_gap, 12 * kDay);
}

// Who buys every 28 days is most probable to buy in the week before that, and nothing is told of gaps nobody had.
TEST(RhythmTable, TellsWhenSomethingIsDue) {
  RhythmTable table;
  std::mt19937 random(7);
  for (int customer = 0; customer < 100; ++customer) {
    std::vector<Millis> times;
    for (Millis time = 0; time < 300 * kDay; time += 26 * kDay + static_cast<Millis>(random() % 5) * kDay)
      times.push_back(time);
    table.add(times, 300 * kDay);
  }
  const Rhythm monthly{5, 28 * kDay};
  const auto best = table.best(monthly);
  ASSERT_TRUE(best);
  EXPECT_EQ(best->quarter, 4u);
  EXPECT_GT(best->probability, 0.9);
  EXPECT_LT(*table.probability(monthly, 1), 0.01);
  EXPECT_FALSE(table.best({5, 3 * kDay}));
}

// What comes after `until` is not known: a trial that is not over by then does not count.
TEST(RhythmTable, CountsNothingThatIsNotOver) {
  RhythmTable table;
  const Millis times[] = {0, 28 * kDay, 56 * kDay};
  for (int i = 0; i < 100; ++i) table.add(times, 56 * kDay + 7 * kDay + 6 * kDay);
  const auto rhythm = *Rhythm::of(times);
  EXPECT_FALSE(table.probability(rhythm, 1));
  for (int i = 0; i < 100; ++i) table.add(times, 56 * kDay + 7 * kDay + 7 * kDay);
  EXPECT_EQ(table.probability(rhythm, 1), 0.0);
  EXPECT_FALSE(table.probability(rhythm, 2));
}

}  // namespace
}  // namespace nudge::recommendations
