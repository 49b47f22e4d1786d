#include "operators/recommendations/blend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace nudge::recommendations {
namespace {

// Rows of customers for whom the log-odds are −1 + 1.5 · lately − 0.5 · always.
std::vector<Row> planted(std::mt19937& random, int count) {
  std::vector<Row> rows;
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  for (int i = 0; i < count; ++i) {
    Row row;
    row.evidence = Evidence::kRepeat;
    const double lately = normal(random), always = normal(random);
    row.features.values[0] = feature_of(1);
    row.features.values[1] = feature_of(lately);
    row.features.values[2] = feature_of(always);
    row.is_true = uniform(random) < 1 / (1 + std::exp(1 - 1.5 * lately + 0.5 * always));
    rows.push_back(row);
  }
  return rows;
}

std::string bytes_of(const Blend& blend) {
  std::string bytes;
  Encoder out(bytes);
  blend.encode(out);
  return bytes;
}

TEST(Blend, LearnsWhatIsPlantedSliceBySlice) {
  std::mt19937 random(3);
  Blend blend;
  for (int slice = 0; slice < 20; ++slice) {
    std::vector<Row> rows = planted(random, 2'000);
    blend.learn(rows);
  }
  const Eigen::VectorXd& weights = blend.of(Evidence::kRepeat).weights();
  EXPECT_NEAR(weights[0], -1, 0.1);
  EXPECT_NEAR(weights[1], 1.5, 0.1);
  EXPECT_NEAR(weights[2], -0.5, 0.1);
}

TEST(Blend, WhatChangesIsLearntAgain) {
  std::mt19937 random(4);
  Blend blend;
  for (int slice = 0; slice < 60; ++slice) {
    std::vector<Row> rows = planted(random, 500);
    if (slice >= 20)
      for (Row& row : rows) row.is_true = !row.is_true;
    blend.learn(rows);
  }
  EXPECT_LT(blend.of(Evidence::kRepeat).weights()[1], -0.8);
}

TEST(Blend, TheOrderOfRowsDoesNotShow) {
  std::mt19937 random(5);
  std::vector<Row> rows = planted(random, 500);
  Blend one, other;
  std::vector<Row> shuffled = rows;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  one.learn(rows);
  other.learn(shuffled);
  EXPECT_EQ(bytes_of(one), bytes_of(other));
}

TEST(Blend, DecodesToTheSameBytes) {
  std::mt19937 random(6);
  Blend blend, read;
  std::vector<Row> rows = planted(random, 100);
  blend.learn(rows);
  const std::string bytes = bytes_of(blend);
  Decoder in(bytes);
  read.decode(in);
  EXPECT_TRUE(in.ok() && in.at_end());
  EXPECT_EQ(bytes_of(read), bytes);
}

TEST(Blend, NothingLearntChangesNothing) {
  Blend blend;
  const std::string before = bytes_of(blend);
  std::vector<Row> none;
  blend.learn(none);
  EXPECT_EQ(bytes_of(blend), before);
}

TEST(Row, DecodesToTheSame) {
  std::mt19937 random(8);
  for (Row row : planted(random, 20)) {
    std::string bytes;
    Encoder out(bytes);
    row.encode(out);
    Decoder in(bytes);
    Row read;
    read.decode(in);
    EXPECT_TRUE(in.ok() && in.at_end());
    EXPECT_EQ(read, row);
  }
}

}  // namespace
}  // namespace nudge::recommendations
