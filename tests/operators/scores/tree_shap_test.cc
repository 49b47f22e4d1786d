// TreeExplainer against Shapley values by their definition: every set of features, weighed.
#include "operators/scores/tree_shap.h"

#include <gtest/gtest.h>

#include <bit>
#include <numeric>

#include "tests/operators/scores/random_trees.h"

namespace nudge::scores {
namespace {

// What a tree is worth where only the features of `known` are known.
double worth(const Tree& tree, std::size_t at, const std::vector<float>& row, unsigned known) {
  const TreeNode& node = tree[at];
  if (node.kind == TreeNode::Kind::kLeaf) return static_cast<double>(node.value);
  const std::size_t right = behind(tree, at + 1);
  if ((known >> node.feature & 1) != 0)
    return worth(tree, leads_left(node, row[node.feature]) ? at + 1 : right, row, known);
  return node.left_share * worth(tree, at + 1, row, known) + (1 - node.left_share) * worth(tree, right, row, known);
}

std::vector<double> by_definition(const std::vector<Tree>& trees, const std::vector<float>& row) {
  const auto features = static_cast<unsigned>(row.size());
  std::vector<double> worths(std::size_t{1} << features), factorials(features + 1, 1), contributions(features);
  for (unsigned known = 0; known < worths.size(); ++known)
    for (const Tree& tree : trees) worths[known] += worth(tree, 0, row, known);
  for (unsigned n = 1; n <= features; ++n) factorials[n] = factorials[n - 1] * n;
  for (unsigned feature = 0; feature < features; ++feature) {
    for (unsigned known = 0; known < worths.size(); ++known) {
      if ((known >> feature & 1) != 0) continue;
      const auto size = static_cast<unsigned>(std::popcount(known));
      const double orders = factorials[size] * factorials[features - size - 1] / factorials[features];
      contributions[feature] += orders * (worths[known | 1u << feature] - worths[known]);
    }
  }
  return contributions;
}

TEST(TreeExplainer, EqualsTheDefinition) {
  for (unsigned seed = 1; seed <= 90; ++seed) {
    for (const std::size_t features : {1u, 3u, 8u}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " features " << features);
      std::mt19937 random(seed);
      const unsigned depth = seed % (kTreeDepthMost + 1);  // both by tables and leaf by leaf
      const std::vector<bool> texts = random_texts(random, features);
      const std::vector<Tree> trees = random_trees(random, texts, 3, depth);
      const auto ensemble = TreeEnsemble::make(texts, 0.5f, trees);
      ASSERT_TRUE(ensemble.has_value());
      const TreeExplainer explainer(*ensemble);
      double nothing_known = 0.5;
      for (const Tree& tree : trees) nothing_known += worth(tree, 0, {}, 0);
      EXPECT_NEAR(explainer.expected(), nothing_known, 1e-12);
      std::vector<double> contributions(features);
      for (int i = 0; i < 5; ++i) {
        const std::vector<float> row = random_values(random, texts);
        explainer.explain(row, contributions);
        const std::vector<double> defined = by_definition(trees, row);
        for (std::size_t feature = 0; feature < features; ++feature)
          EXPECT_NEAR(contributions[feature], defined[feature], 1e-6) << "feature " << feature;
      }
    }
  }
}

TEST(TreeExplainer, ContributionsAndTheExpectedMarginAddUp) {
  for (unsigned seed = 1; seed <= 9; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector<bool> texts = random_texts(random, 40);
    const auto ensemble = TreeEnsemble::make(texts, -2, random_trees(random, texts, 60, 1 + seed % kTreeDepthMost));
    ASSERT_TRUE(ensemble.has_value());
    const TreeExplainer explainer(*ensemble);
    std::vector<double> contributions(texts.size());
    for (int i = 0; i < 50; ++i) {
      const std::vector<float> row = random_values(random, texts);
      explainer.explain(row, contributions);
      EXPECT_NEAR(std::accumulate(contributions.begin(), contributions.end(), explainer.expected()),
                  ensemble->margin(row), 1e-5);
    }
  }
}

TEST(TreeExplainer, WhatIsNotAskedForContributesNothing) {
  const Tree tree = {
      {.kind = TreeNode::Kind::kNumber, .feature = 1, .value = 0, .left_share = 0.25}, {.value = -1}, {.value = 3}};
  const TreeExplainer explainer(*TreeEnsemble::make({false, false, true}, 10, std::span(&tree, 1)));
  EXPECT_EQ(explainer.expected(), 12);
  std::vector<double> contributions(3);
  explainer.explain(std::vector<float>{7, 5, 3}, contributions);
  EXPECT_EQ(contributions, (std::vector<double>{0, 1, 0}));
  explainer.explain(std::vector<float>{7, -5, 3}, contributions);
  EXPECT_EQ(contributions, (std::vector<double>{0, -3, 0}));
}

TEST(TreeExplainer, WithoutTreesNothingContributes) {
  const TreeExplainer explainer(*TreeEnsemble::make({false}, 1.25f, {}));
  std::vector<double> contributions{7};
  explainer.explain(std::vector<float>{1}, contributions);
  EXPECT_EQ(contributions, std::vector<double>{0});
  EXPECT_EQ(explainer.expected(), 1.25);
}

}  // namespace
}  // namespace nudge::scores
