#include "operators/recommendations/replenishment.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace nudge::recommendations {
namespace {

// The product of the shares that go on, length by length.
Millis defined(const std::vector<Gap>& gaps) {
  std::set<Millis> lengths;
  for (const Gap& gap : gaps) lengths.insert(gap.length);
  double survival = 1;
  for (const Millis length : lengths) {
    double at_risk = 0, over = 0;
    for (const Gap& gap : gaps) {
      at_risk += gap.length >= length;
      over += gap.length == length && gap.is_over;
    }
    survival *= 1 - over / at_risk;
    if (over > 0 && survival <= 0.5 + 1e-12) return length;
  }
  return kNever;
}

TEST(MedianGap, IsKaplanAndMeiers) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<Gap> gaps(random() % 40);
    for (Gap& gap : gaps) gap = {static_cast<Millis>(1 + random() % 15), random() % 3 > 0};
    EXPECT_EQ(median_gap(gaps), defined(gaps));
  }
}

TEST(MedianGap, GapsThatAreNotOverMakeItLonger) {
  std::vector<Gap> over{{10, true}, {20, true}, {30, true}};
  EXPECT_EQ(median_gap(over), 20);
  std::vector<Gap> open{{10, true}, {20, true}, {30, true}, {25, false}, {25, false}};
  EXPECT_EQ(median_gap(open), 30);
  std::vector<Gap> never{{10, true}, {40, false}, {40, false}};
  EXPECT_EQ(median_gap(never), kNever);
}

}  // namespace
}  // namespace nudge::recommendations
