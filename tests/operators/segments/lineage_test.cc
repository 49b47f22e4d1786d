// Matching against all permutations, and the fates of segments against hand-worked tables.
#include "operators/segments/lineage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "operators/segments/assignment.h"

namespace nudge::segments {
namespace {

using Table = std::vector<std::vector<std::int64_t>>;

std::int64_t gain_of(const Table& gains, const std::vector<int>& columns) {
  std::int64_t gain = 0;
  for (std::size_t row = 0; row < gains.size(); ++row)
    if (columns[row] >= 0) gain += gains[row][static_cast<std::size_t>(columns[row])];
  return gain;
}

TEST(Assignment, GainsAsMuchAsTheBestPermutation) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t rows = 1 + random() % 5, columns = 1 + random() % 5, n = std::max(rows, columns);
    Table gains(rows, std::vector<std::int64_t>(columns));
    for (auto& row : gains)
      for (std::int64_t& gain : row) gain = random() % 20;
    std::vector<int> order(n);
    std::iota(order.begin(), order.end(), 0);
    std::int64_t best = -1;
    do {
      std::vector<int> chosen(rows);
      for (std::size_t row = 0; row < rows; ++row)
        chosen[row] = order[row] < static_cast<int>(columns) ? order[row] : -1;
      best = std::max(best, gain_of(gains, chosen));
    } while (std::next_permutation(order.begin(), order.end()));
    const std::vector<int> found = assign(gains);
    EXPECT_EQ(gain_of(gains, found), best);
    std::vector<int> used;
    for (const int column : found)
      if (column >= 0) used.push_back(column);
    std::sort(used.begin(), used.end());
    EXPECT_EQ(std::adjacent_find(used.begin(), used.end()), used.end()) << "a column is given once";
    EXPECT_EQ(used.size(), std::min(rows, columns));
  }
}

TEST(Lineage, HandWorked) {
  const struct {
    const char* name;
    Table shared;
    std::size_t now;
    std::vector<int> ancestor;
    std::vector<Change> changes;
  } rows[] = {
      {"the first", {}, 2, {-1, -1}, {{Fate::kNew, -1, 0}, {Fate::kNew, -1, 1}}},
      {"labels swapped", {{1, 90}, {80, 2}}, 2, {1, 0}, {{Fate::kSurvive, 1, 0}, {Fate::kSurvive, 0, 1}}},
      {"split", {{60, 40}}, 2, {0, -1}, {{Fate::kSurvive, 0, 0}, {Fate::kSplit, 0, 1}}},
      {"merge", {{60}, {40}}, 1, {0}, {{Fate::kSurvive, 0, 0}, {Fate::kMerge, 1, 0}}},
      {"nobody is left", {{0}, {40}}, 1, {1}, {{Fate::kSurvive, 1, 0}, {Fate::kGone, 0, -1}}},
      {"scattered",
       {{100, 0, 10}, {0, 100, 10}, {8, 8, 8}},
       3,
       {0, 1, -1},
       {{Fate::kSurvive, 0, 0}, {Fate::kSurvive, 1, 1}, {Fate::kNew, -1, 2}, {Fate::kGone, 2, -1}}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Lineage lineage = trace(row.shared, row.now);
    EXPECT_EQ(lineage.ancestor, row.ancestor);
    EXPECT_EQ(lineage.changes, row.changes);
  }
}

}  // namespace
}  // namespace nudge::segments
