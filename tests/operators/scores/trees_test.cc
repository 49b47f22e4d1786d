// TreeEnsemble against trees that are walked question by question, and its bytes against whoever would forge them.
#include "operators/scores/trees.h"

#include <gtest/gtest.h>

#include "tests/operators/scores/random_trees.h"

namespace nudge::scores {
namespace {

std::string bytes_of(const TreeEnsemble& ensemble) {
  std::string bytes;
  Encoder out(bytes);
  ensemble.encode(out);
  return bytes;
}

std::optional<TreeEnsemble> decoded(std::string_view bytes) {
  Decoder in(bytes);
  auto ensemble = TreeEnsemble::decode(in);
  if (!in.at_end()) return std::nullopt;
  return ensemble;
}

TEST(TreeEnsemble, AddsTheLeavesInTheOrderOfTheTrees) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector<bool> texts = random_texts(random, 1 + random() % 12);
    const std::vector<Tree> trees = random_trees(random, texts, random() % 30, seed % (kTreeDepthMost + 1));
    const auto ensemble = TreeEnsemble::make(texts, 0.25f, trees);
    ASSERT_TRUE(ensemble.has_value());
    for (int i = 0; i < 50; ++i) {
      const std::vector<float> row = random_values(random, texts);
      float sum = 0.25f;
      for (const Tree& tree : trees) sum += leaf_of(tree, row);
      EXPECT_EQ(ensemble->margin(row), static_cast<double>(sum));
    }
  }
}

TEST(TreeEnsemble, InfiniteNumbersAreBeyondEveryThreshold) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  const Tree tree = {{.kind = TreeNode::Kind::kNumber, .value = 3e38f, .left_share = 0.5}, {.value = 1}, {.value = 2}};
  const auto ensemble = TreeEnsemble::make({false}, 0, std::span(&tree, 1));
  ASSERT_TRUE(ensemble.has_value());
  EXPECT_EQ(ensemble->margin(std::vector{kInfinite}), 2);
  EXPECT_EQ(ensemble->margin(std::vector{-kInfinite}), 1);
}

TEST(TreeEnsemble, DecodesToTheSameBytesAndMargins) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector<bool> texts = random_texts(random, 1 + random() % 12);
    const auto ensemble =
        TreeEnsemble::make(texts, -1.5f, random_trees(random, texts, random() % 20, seed % (kTreeDepthMost + 1)));
    ASSERT_TRUE(ensemble.has_value());
    const std::string bytes = bytes_of(*ensemble);
    const auto again = decoded(bytes);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(bytes_of(*again), bytes);
    EXPECT_EQ(again->texts(), texts);
    for (int i = 0; i < 20; ++i) {
      const std::vector<float> row = random_values(random, texts);
      EXPECT_EQ(again->margin(row), ensemble->margin(row));
    }
  }
}

TEST(TreeEnsemble, RefusesWhatIsNoTree) {
  const TreeNode leaf{.value = 1};
  const TreeNode number{.kind = TreeNode::Kind::kNumber, .feature = 0, .value = 2, .left_share = 0.5};
  const TreeNode text{.kind = TreeNode::Kind::kText, .feature = 1, .left_buckets = 5, .left_share = 0.5};
  const auto with = [](TreeNode node, auto change) {
    change(node);
    return node;
  };
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(), kInfinite = std::numeric_limits<float>::infinity();
  Tree deep(kTreeDepthMost, number), deeper(kTreeDepthMost + 1, number);
  deep.insert(deep.end(), kTreeDepthMost + 1, leaf);
  deeper.insert(deeper.end(), kTreeDepthMost + 2, leaf);
  const struct {
    const char* name;
    Tree tree;
    bool sound;
  } rows[] = {
      {"a leaf", {leaf}, true},
      {"a question", {number, leaf, leaf}, true},
      {"two questions", {number, text, leaf, leaf, leaf}, true},
      {"as deep as can be", deep, true},
      {"deeper", deeper, false},
      {"nothing", {}, false},
      {"a part is missing", {number, leaf}, false},
      {"a part is left over", {number, leaf, leaf, leaf}, false},
      {"no such feature", {with(number, [](TreeNode& node) { node.feature = 2; }), leaf, leaf}, false},
      {"a number that is a text", {with(number, [](TreeNode& node) { node.feature = 1; }), leaf, leaf}, false},
      {"a text that is a number", {with(text, [](TreeNode& node) { node.feature = 0; }), leaf, leaf}, false},
      {"no threshold", {with(number, [](TreeNode& node) { node.value = kNaN; }), leaf, leaf}, false},
      {"a threshold that nothing passes",
       {with(number, [](TreeNode& node) { node.value = kInfinite; }), leaf, leaf},
       false},
      {"a leaf without end", {with(leaf, [](TreeNode& node) { node.value = -kInfinite; })}, false},
      {"all weight on one side", {with(number, [](TreeNode& node) { node.left_share = 1; }), leaf, leaf}, false},
      {"no weight on one side", {with(text, [](TreeNode& node) { node.left_share = 0; }), leaf, leaf}, false},
      {"an unknown share", {with(text, [](TreeNode& node) { node.left_share = kNaN; }), leaf, leaf}, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(TreeEnsemble::make({false, true}, 0, std::span(&row.tree, 1)).has_value(), row.sound);
  }
  EXPECT_FALSE(TreeEnsemble::make({}, kNaN, {}).has_value());
  EXPECT_FALSE(TreeEnsemble::make({}, 0, std::vector<Tree>(kTreesMost + 1, {leaf})).has_value());
}

TEST(TreeEnsemble, RefusesMoreInputsThanItHasRoomFor) {
  std::vector<Tree> trees;
  const auto add = [&] {
    trees.push_back({{.kind = TreeNode::Kind::kText, .left_buckets = trees.size() + 1, .left_share = 0.5}, {}, {}});
  };
  while (trees.size() < TreeEnsemble::kInputsMost) add();
  EXPECT_TRUE(TreeEnsemble::make({true}, 0, trees).has_value());
  trees.back()[1] = {.kind = TreeNode::Kind::kText, .left_buckets = trees.size() + 1, .left_share = 0.5};
  trees.back().insert(trees.back().begin() + 2, 2, TreeNode{});
  EXPECT_FALSE(TreeEnsemble::make({true}, 0, trees).has_value());
}

TEST(TreeEnsemble, ForgedBytesAreRefusedOrAnEnsemble) {
  std::size_t refused = 0, taken = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::vector<bool> texts = random_texts(random, 4);
    const auto ensemble = TreeEnsemble::make(texts, 1, random_trees(random, texts, 6, 4));
    ASSERT_TRUE(ensemble.has_value());
    const std::string bytes = bytes_of(*ensemble);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(decoded(std::string_view(bytes).substr(0, size)).has_value()) << size;
    EXPECT_FALSE(decoded(bytes + "x").has_value());
    for (int i = 0; i < 500; ++i) {
      std::string forged = bytes;
      for (std::size_t left = 1 + random() % 3; left > 0; --left)
        forged[random() % forged.size()] = static_cast<char>(random());
      const auto again = decoded(forged);
      ++(again ? taken : refused);
      if (!again) continue;
      EXPECT_FALSE(std::isnan(again->margin(random_values(random, again->texts()))));
      EXPECT_EQ(bytes_of(*decoded(bytes_of(*again))), bytes_of(*again));
    }
  }
  EXPECT_GT(refused, 1'000u);
  EXPECT_GT(taken, 1'000u);
}

}  // namespace
}  // namespace nudge::scores
