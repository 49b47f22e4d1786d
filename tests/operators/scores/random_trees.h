// Random trees and rows, and a tree walked by the words of its questions, for the tests of what is faster.
#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "operators/scores/features.h"
#include "operators/scores/trees.h"

namespace nudge::scores {

// The thresholds and values of numbers meet often: they are halves between −4 and 4.
inline float half_number(std::mt19937& random) { return static_cast<float>(static_cast<int>(random() % 17) - 8) / 2; }

inline void grow_random(std::mt19937& random, const std::vector<bool>& texts, unsigned depth_left, Tree& tree) {
  TreeNode& node = tree.emplace_back();
  if (texts.empty() || depth_left == 0 || random() % 6 == 0) {
    node.value = static_cast<float>(random() % 2'000) / 1'000 - 1;
    return;
  }
  node.feature = static_cast<std::uint32_t>(random() % texts.size());
  node.unknown_left = random() % 2 == 0;
  node.left_share = static_cast<double>(1 + random() % 999) / 1'000;
  if (texts[node.feature]) {
    node.kind = TreeNode::Kind::kText;
    node.left_buckets = (std::uint64_t{random()} << 32 | random()) & ~(std::uint64_t{random()} << 17);
  } else {
    node.kind = TreeNode::Kind::kNumber;
    node.value = half_number(random);
  }
  grow_random(random, texts, depth_left - 1, tree);
  grow_random(random, texts, depth_left - 1, tree);
}

inline std::vector<Tree> random_trees(std::mt19937& random, const std::vector<bool>& texts, std::size_t size,
                                      unsigned depth) {
  std::vector<Tree> trees(size);
  for (Tree& tree : trees) grow_random(random, texts, depth, tree);
  return trees;
}

inline std::vector<bool> random_texts(std::mt19937& random, std::size_t features) {
  std::vector<bool> texts(features);
  for (std::size_t feature = 0; feature < features; ++feature) texts[feature] = random() % 3 == 0;
  return texts;
}

inline std::vector<float> random_values(std::mt19937& random, const std::vector<bool>& texts) {
  std::vector<float> row;
  for (const bool text : texts) {
    const float known = text ? static_cast<float>(random() % kTextBuckets) : half_number(random);
    row.push_back(random() % 5 == 0 ? std::numeric_limits<float>::quiet_NaN() : known);
  }
  return row;
}

inline bool leads_left(const TreeNode& node, float value) {
  if (std::isnan(value)) return node.unknown_left;
  if (node.kind == TreeNode::Kind::kNumber) return value < node.value;
  return (node.left_buckets >> static_cast<int>(value) & 1) != 0;
}

// The first node behind the part that begins at `next`.
inline std::size_t behind(const Tree& tree, std::size_t next) {
  for (std::size_t missing = 1; missing > 0; --missing)
    if (tree[next++].kind != TreeNode::Kind::kLeaf) missing += 2;
  return next;
}

inline float leaf_of(const Tree& tree, const std::vector<float>& row) {
  std::size_t at = 0;
  while (tree[at].kind != TreeNode::Kind::kLeaf)
    at = leads_left(tree[at], row[tree[at].feature]) ? at + 1 : behind(tree, at + 1);
  return tree[at].value;
}

}  // namespace nudge::scores
