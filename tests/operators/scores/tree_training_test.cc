// Training: what is read from XGBoost's model predicts and explains as XGBoost does, and the same rows give the same
// bytes.
#include "operators/scores/tree_training.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "engine/portable_math.h"
#include "operators/scores/tree_shap.h"
#include "tests/operators/scores/random_trees.h"

namespace nudge::scores {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

struct Sample {
  std::vector<bool> texts;
  std::vector<float> values;
  std::vector<std::uint8_t> labels;
  std::vector<float> weights;

  LabelledValues rows() const { return {texts, values, labels, weights}; }
  std::span<const float> row(std::size_t index) const {
    return std::span(values).subspan(index * texts.size(), texts.size());
  }
  void add(const std::vector<float>& row, bool label, float weight = 1) {
    values.insert(values.end(), row.begin(), row.end());
    labels.push_back(label ? 1 : 0);
    weights.push_back(weight);
  }
};

// Heavy-tailed numbers, counts, texts of few and of many buckets, a constant, and one that nobody knows. The label
// follows some of each, and what is unknown.
Sample random_sample(unsigned seed, std::size_t size) {
  std::mt19937 random(seed);
  std::lognormal_distribution<float> amount(2, 2);
  std::normal_distribution<float> noise;
  Sample sample{.texts = {false, false, true, true, false, false, false}, .values = {}, .labels = {}, .weights = {}};
  for (std::size_t i = 0; i < size; ++i) {
    std::vector<float> row = {amount(random),
                              static_cast<float>(random() % 12),
                              static_cast<float>(random() % 4 * 9),
                              static_cast<float>(random() % kTextBuckets),
                              7,
                              kUnknown,
                              noise(random)};
    for (const std::size_t gap : {0, 1, 2, 3})
      if (random() % 5 == 0) row[gap] = kUnknown;
    const float margin = (row[0] > 10 ? 1.0f : -1.0f) + (row[2] == 18 ? 2.0f : 0.0f) + (row[3] < 20 ? 1.0f : 0.0f) +
                         (std::isnan(row[1]) ? 1.0f : row[1] / 12) * row[6];
    sample.add(row, margin + noise(random) > 0, 1 + static_cast<float>(random() % 3));
  }
  return sample;
}

std::string bytes_of(const TreeEnsemble& ensemble) {
  std::string bytes;
  Encoder out(bytes);
  ensemble.encode(out);
  return bytes;
}

TEST(TreeTraining, PredictsAndExplainsAsXgboostDoes) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    const Sample sample = random_sample(seed, 1'500), others = random_sample(seed + 100, 2'500);
    const TreeSettings settings{.trees = 50, .depth = seed, .learning_rate = 0.3, .min_child_weight = 1};
    const auto ensemble = train_trees(sample.rows(), settings);
    ASSERT_TRUE(ensemble.is_ok()) << ensemble.status().message();
    ASSERT_EQ(ensemble.value().depth(), settings.depth);
    const TreeExplainer explainer(ensemble.value());
    Booster booster = boost(sample.rows(), settings).value();
    const std::vector<float> margins = booster.predict(others.values, Booster::Prediction::kMargin).value();
    const std::vector<float> shares = booster.predict(others.values, Booster::Prediction::kContributions).value();
    const std::size_t width = others.texts.size();
    ASSERT_EQ(margins.size(), others.labels.size());
    ASSERT_EQ(shares.size(), others.labels.size() * (width + 1));
    std::vector<double> contributions(width);
    for (std::size_t row = 0; row < margins.size(); ++row) {
      ASSERT_NEAR(ensemble.value().margin(others.row(row)), static_cast<double>(margins[row]), 1e-6);
      explainer.explain(others.row(row), contributions);
      for (std::size_t feature = 0; feature < width; ++feature)
        ASSERT_NEAR(contributions[feature], static_cast<double>(shares[row * (width + 1) + feature]), 1e-5);
      ASSERT_NEAR(explainer.expected(), static_cast<double>(shares[row * (width + 1) + width]), 1e-5);
    }
  }
}

TEST(TreeTraining, TheSameRowsGiveTheSameBytesOnAnyThread) {
  const Sample sample = random_sample(1, 1'200), others = random_sample(2, 700);
  const TreeSettings settings{.trees = 30, .subsample = 0.7, .seed = 5};
  const std::string first = bytes_of(train_trees(sample.rows(), settings).value());
  std::vector<std::string> bytes(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < bytes.size(); ++thread) {
      threads.emplace_back([&, thread] {
        // What a thread has trained before is no part of it.
        for (std::size_t before = 0; before < thread; ++before)
          EXPECT_TRUE(train_trees(others.rows(), {.trees = 5, .seed = before}).is_ok());
        bytes[thread] = bytes_of(train_trees(sample.rows(), settings).value());
      });
    }
  }
  for (const std::string& each : bytes) EXPECT_EQ(each, first);
}

TEST(TreeTraining, NeitherPrintsNorStartsThreads) {
  const Sample sample = random_sample(3, 2'000);
  const auto threads = [] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  // A thread of its own: OpenMP would give it helpers of its own, which stay.
  std::jthread([&] {
    const auto before = threads();
    EXPECT_TRUE(train_trees(sample.rows(), {.trees = 20}).is_ok());
    EXPECT_EQ(threads(), before);
  }).join();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(TreeTraining, TheSeedChoosesTheRowsOfEachTree) {
  const Sample sample = random_sample(4, 800);
  const auto trained = [&](double subsample, std::uint64_t seed) {
    return bytes_of(train_trees(sample.rows(), {.trees = 10, .subsample = subsample, .seed = seed}).value());
  };
  EXPECT_EQ(trained(0.5, 1), trained(0.5, 1));
  EXPECT_NE(trained(0.5, 1), trained(0.5, 2));
  EXPECT_NE(trained(0.5, 1), trained(1, 1));
  EXPECT_EQ(trained(1, 1), trained(1, 2));
}

TEST(TreeTraining, LeavesComeToTheWeighedShareOfTheirRows) {
  // Each value of the number, each of two buckets and unknown have a share of their own.
  const struct {
    std::vector<float> row;
    float positive, negative;  // weights
  } groups[] = {
      {{1, 3}, 1, 9}, {{2, 3}, 8, 2}, {{kUnknown, 3}, 3, 7}, {{1, 40}, 5, 5}, {{2, 40}, 1, 4}, {{2, kUnknown}, 9, 1},
  };
  Sample sample{.texts = {false, true}, .values = {}, .labels = {}, .weights = {}};
  for (int i = 0; i < 200; ++i) {
    for (const auto& group : groups) {
      sample.add(group.row, true, group.positive);
      sample.add(group.row, false, group.negative);
    }
  }
  const auto ensemble = train_trees(sample.rows(), {.l2 = 0});
  ASSERT_TRUE(ensemble.is_ok());
  for (const auto& group : groups)
    EXPECT_NEAR(portable::sigmoid(ensemble.value().margin(group.row)),
                static_cast<double>(group.positive / (group.positive + group.negative)), 0.005)
        << group.row[0] << " " << group.row[1];
  // An unseen bucket is none of those that are asked for, and unlike unknown.
  EXPECT_NE(ensemble.value().margin(std::vector<float>{2, 50}),
            ensemble.value().margin(std::vector<float>{2, kUnknown}));
}

TEST(TreeTraining, RareBucketsAreNotAskedFor) {
  Sample sample{.texts = {true}, .values = {}, .labels = {}, .weights = {}};
  for (int i = 0; i < 1'000; ++i) sample.add({static_cast<float>(i % 2)}, i % 4 == 0);
  for (int i = 0; i < 10; ++i) sample.add({63}, true);  // 10·p·(1 − p) is less than 5
  const auto ensemble = train_trees(sample.rows(), {});
  ASSERT_TRUE(ensemble.is_ok());
  EXPECT_EQ(ensemble.value().margin(std::vector<float>{63}), ensemble.value().margin(std::vector<float>{62}));
  EXPECT_NE(ensemble.value().margin(std::vector<float>{0}), ensemble.value().margin(std::vector<float>{1}));
}

TEST(TreeTraining, RowsThatTeachNothing) {
  const auto trained = [](const Sample& sample) { return train_trees(sample.rows(), {.trees = 5}).value(); };
  Sample sample{.texts = {false, true}, .values = {}, .labels = {}, .weights = {}};
  sample.add({kUnknown, kUnknown}, true);
  EXPECT_EQ(trained(sample).depth(), 0u);
  EXPECT_GT(trained(sample).margin(std::vector<float>{1, 2}), 0);
  for (int i = 0; i < 500; ++i) sample.add({static_cast<float>(i), static_cast<float>(i % 64)}, true);
  EXPECT_GT(trained(sample).margin(std::vector<float>{1, 2}), 5);
  EXPECT_TRUE(std::isfinite(trained(sample).margin(std::vector<float>{1, 2})));

  Sample featureless;
  for (int i = 0; i < 3; ++i) featureless.add({}, i == 0);
  EXPECT_NEAR(portable::sigmoid(trained(featureless).margin({})), 1.5 / 4, 1e-6);
}

TEST(TreeTraining, WhatXgboostRefusesIsAFailure) {
  Sample sample = random_sample(5, 100);
  sample.values[0] = std::numeric_limits<float>::infinity();
  const auto refused = train_trees(sample.rows(), {.trees = 2});
  ASSERT_FALSE(refused.is_ok());
  EXPECT_NE(refused.status().message().find("xgboost"), std::string::npos) << refused.status().message();
  EXPECT_FALSE(read_xgboost_trees("").is_ok());
  EXPECT_FALSE(read_xgboost_trees("{}").is_ok());
  EXPECT_FALSE(
      read_xgboost_trees(boost(random_sample(5, 100).rows(), {.trees = 2}).value().model().value().substr(40)).is_ok());
}

}  // namespace
}  // namespace nudge::scores
