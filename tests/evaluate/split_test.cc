// Every split: each row where it belongs, as many of each class, and what is said where rows are too few.
#include "tools/nudge/evaluate/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace nudge::evaluate {
namespace {

using Kind = SplitOptions::Kind;
using testing::HasSubstr;

std::vector<std::uint8_t> random_labels(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> labels(count);
  for (auto& label : labels) label = random() % 4 == 0;
  return labels;
}

std::size_t positives(const std::vector<std::uint32_t>& rows, const std::vector<std::uint8_t>& labels) {
  return static_cast<std::size_t>(std::ranges::count_if(rows, [&](std::uint32_t row) { return labels[row] == 1; }));
}

TEST(ParseSplit, ReadsWhatItSays) {
  const struct {
    const char* text;
    Kind kind;
    double share;
    std::size_t count;
  } rows[] = {{"random:0.2", Kind::kRandom, 0.2, 10},
              {"random", Kind::kRandom, 0.1, 10},
              {"time:0.3", Kind::kTime, 0.3, 10},
              {"time", Kind::kTime, 0.3, 10},
              {"folds:5", Kind::kFolds, 0.1, 5},
              {"folds", Kind::kFolds, 0.1, 10},
              {"prequential:500", Kind::kPrequential, 0.1, 500}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto options = parse_split(row.text);
    ASSERT_TRUE(options) << options.status().message();
    EXPECT_EQ(options->kind, row.kind);
    EXPECT_EQ(options->share, row.share);
    EXPECT_EQ(options->count, row.count);
  }
  for (const char* wrong : {"", "half", "random:2", "random:x", "random:", "folds:1", "folds:2.5", "folds:1000",
                            "prequential", "prequential:5", "time:0", "time:0.5x", "time:nan"}) {
    const auto options = parse_split(wrong);
    ASSERT_FALSE(options) << wrong;
    EXPECT_EQ(options.status().error_class(), ErrorClass::kUsage);
    EXPECT_THAT(options.status().message(), HasSubstr("--split: "));
  }
}

TEST(SplitRows, FoldsTestEachRowOnce) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    const auto labels = random_labels(seed, 200 + seed);
    const auto parts = split_rows(labels, {.kind = Kind::kFolds, .count = 2 + seed % 9}, seed, 1);
    ASSERT_TRUE(parts);
    std::vector<int> tested(labels.size());
    std::vector<std::size_t> sizes, positive;
    for (const Part& part : *parts) {
      for (const std::uint32_t row : part.tested) tested[row] += 1;
      EXPECT_EQ(part.tested.size() + part.taught.size(), labels.size());
      EXPECT_TRUE(std::ranges::is_sorted(part.taught) && std::ranges::is_sorted(part.tested));
      std::vector<std::uint32_t> both;
      std::ranges::set_intersection(part.taught, part.tested, std::back_inserter(both));
      EXPECT_TRUE(both.empty());
      sizes.push_back(part.tested.size());
      positive.push_back(positives(part.tested, labels));
    }
    EXPECT_EQ(std::ranges::count(tested, 1), static_cast<std::ptrdiff_t>(labels.size()));
    EXPECT_LE(std::ranges::max(sizes) - std::ranges::min(sizes), 1u);
    EXPECT_LE(std::ranges::max(positive) - std::ranges::min(positive), 1u);
  }
}

TEST(SplitRows, RandomTakesTheShareOfEachClassAndTheSeedDecides) {
  const auto labels = random_labels(3, 1'000);
  const SplitOptions options{.kind = Kind::kRandom, .share = 0.1};
  const auto one = split_rows(labels, options, 1, 1), again = split_rows(labels, options, 1, 1),
             other = split_rows(labels, options, 2, 1);
  ASSERT_TRUE(one && again && other);
  ASSERT_EQ(one->size(), 1u);
  const auto all = static_cast<double>(std::ranges::count(labels, 1));
  EXPECT_NEAR(static_cast<double>(positives(one->front().tested, labels)), 0.1 * all, 0.51);
  EXPECT_NEAR(static_cast<double>(one->front().tested.size()), 100, 1);
  EXPECT_EQ(one->front().tested, again->front().tested);
  EXPECT_NE(one->front().tested, other->front().tested);
}

TEST(SplitRows, TimeGoesForward) {
  const auto labels = random_labels(4, 1'003);
  const auto last = split_rows(labels, {.kind = Kind::kTime, .share = 0.3}, 1, 1);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->front().taught.size(), 702u);
  EXPECT_EQ(last->front().tested.front(), 702u);

  const auto blocks = split_rows(labels, {.kind = Kind::kPrequential, .count = 100}, 1, 1);
  ASSERT_TRUE(blocks);
  ASSERT_EQ(blocks->size(), 10u);
  for (std::size_t block = 0; block < 10; ++block) {
    EXPECT_EQ((*blocks)[block].taught.size(), 100 * (block + 1));
    EXPECT_EQ((*blocks)[block].taught.back() + 1, (*blocks)[block].tested.front());
  }
  EXPECT_EQ(blocks->back().tested.size(), 3u);
}

TEST(SplitRows, SaysWhereRowsAreTooFew) {
  std::vector<std::uint8_t> labels(100);
  labels[90] = labels[95] = 1;
  const struct {
    const char* name;
    SplitOptions options;
    const char* words;
  } rows[] = {
      {"folds", {.kind = Kind::kFolds, .count = 2}, "1 of the 50 rows to learn are true"},
      {"time", {.kind = Kind::kTime, .share = 0.3}, "0 of the 70 rows to learn are true, 70 false; 2 of each"},
      {"no test", {.kind = Kind::kRandom, .share = 0.001}, "no row is left to test"},
      {"one block", {.kind = Kind::kPrequential, .count = 100}, "make the blocks smaller"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto parts = split_rows(labels, row.options, 1, 2);
    ASSERT_FALSE(parts);
    EXPECT_EQ(parts.status().error_class(), ErrorClass::kUsage);
    EXPECT_THAT(parts.status().message(), HasSubstr(row.words));
  }
}

}  // namespace
}  // namespace nudge::evaluate
