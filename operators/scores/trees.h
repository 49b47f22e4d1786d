// Gradient-boosted trees as rows are scored with them: immutable, whatever trained them.
//
// A question of a tree is whether a number lies below a threshold, or whether a text's bucket is one of a set; unknown
// goes the way that training chose for this question. Every tree is laid out as a complete one of the ensemble's depth,
// where a question that does not exist always leads right; so a walk has no branch, and several trees are walked side
// by side. The margin is a sum of floats in the order of the trees: XGBoost adds alike, and its last bit is the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "state/codec.h"

namespace nudge::scores {

inline constexpr std::size_t kTreesMost = 4096;
inline constexpr unsigned kTreeDepthMost = 8;

// A question, or a leaf. In a Tree a question is followed by all of its left part, then by its right part.
struct TreeNode {
  enum class Kind : std::uint8_t { kLeaf, kNumber, kText };
  Kind kind = Kind::kLeaf;
  bool unknown_left = false;
  std::uint32_t feature = 0;
  float value = 0;                 // what a leaf adds; the threshold, below which numbers go left
  std::uint64_t left_buckets = 0;  // of a text, bit b for bucket b
  double left_share = 0;           // of the training weight, inside (0, 1)
  bool operator==(const TreeNode&) const = default;
};
using Tree = std::vector<TreeNode>;

class TreeEnsemble {
 public:
  // A row as questions see it: a value below the threshold leads left.
  static constexpr std::size_t kInputsMost = 4096;
  using Inputs = std::array<float, kInputsMost>;
  struct Question {
    float threshold = 0;
    std::uint16_t input = 0;
  };

  // Nothing where the trees are none: a part is missing or left over, deeper than kTreeDepthMost, or asks of a feature
  // that is not there or of the other kind; or where a number is not finite, or there is too much of anything.
  // `base` is the margin before the first tree; `texts` says which features are texts.
  static std::optional<TreeEnsemble> make(std::vector<bool> texts, float base, std::span<const Tree> trees);

  const std::vector<bool>& texts() const { return texts_; }
  std::size_t features() const { return texts_.size(); }
  std::size_t size() const { return size_; }
  unsigned depth() const { return depth_; }
  float base() const { return base_; }
  // `row` has a number for each feature, a text's below kTextBuckets; NaN is unknown. Any thread.
  double margin(std::span<const float> row) const;

  // For explanations. Nodes of a tree are numbered 1 (the root), and 2n and 2n + 1 below n, down to the leaves, which
  // begin at 2^depth. `questions` has 2^depth entries, the first is not used; so has `left_shares`, where 0 says that
  // there is no question; `leaf_values` begins at the first leaf.
  void fill(std::span<const float> row, Inputs& inputs) const;
  std::span<const Question> questions(std::size_t tree) const { return of_tree(questions_, tree); }
  std::span<const double> left_shares(std::size_t tree) const { return of_tree(left_shares_, tree); }
  std::span<const float> leaf_values(std::size_t tree) const { return of_tree(leaf_values_, tree); }
  std::uint32_t feature_of(const Question& question) const { return sources_[question.input].feature; }

  void encode(Encoder& out) const;
  // Nothing where the bytes are not those of an ensemble; `in` is behind it else.
  static std::optional<TreeEnsemble> decode(Decoder& in);

 private:
  // Where an input comes from. Numbers come first.
  struct Source {
    std::uint32_t feature = 0;
    bool unknown_left = false;
    std::uint64_t left_buckets = 0;
    auto operator<=>(const Source&) const = default;
  };

  TreeEnsemble() = default;
  bool collect_sources(std::span<const Tree> trees);
  Question question(const TreeNode& node) const;
  // Puts the part of a tree that begins at `next` at a node.
  void place(const Tree& tree, std::size_t& next, std::size_t number, std::size_t at);
  void append(std::size_t number, std::size_t at, Tree& tree) const;
  template <unsigned kDepth>
  float walk(const Inputs& inputs) const;
  template <typename T>
  std::span<const T> of_tree(const std::vector<T>& all, std::size_t tree) const {
    return std::span(all).subspan(tree << depth_, std::size_t{1} << depth_);
  }

  std::vector<bool> texts_;
  float base_ = 0;
  std::size_t size_ = 0;
  unsigned depth_ = 0;
  std::size_t numbers_ = 0;  // of the sources
  std::vector<Source> sources_;
  // 2^depth for each tree, and for the empty trees that fill up the last ones that are walked side by side.
  std::vector<Question> questions_;
  std::vector<float> leaf_values_;
  std::vector<double> left_shares_;
};

}  // namespace nudge::scores
