#include "operators/scores/trees.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/check.h"
#include "operators/scores/features.h"

namespace nudge::scores {
namespace {

// As many walks as the processor has under way at once.
constexpr std::size_t kSideBySide = 8;
constexpr std::size_t kNodesMost = (std::size_t{2} << kTreeDepthMost) - 1;
constexpr std::size_t kFeaturesMost = 1u << 16;
constexpr float kInfinite = std::numeric_limits<float>::infinity();
// The inputs of texts are one side or the other.
constexpr float kSetThreshold = 0;

bool is_sound(const TreeNode& node, const std::vector<bool>& texts) {
  if (node.kind == TreeNode::Kind::kLeaf) return std::isfinite(node.value);
  if (node.feature >= texts.size() || !(node.left_share > 0) || !(node.left_share < 1)) return false;
  if (node.kind == TreeNode::Kind::kText) return texts[node.feature];
  return !texts[node.feature] && std::isfinite(node.value);
}

// How deep a tree is; nothing where its parts are not one tree.
std::optional<unsigned> depth_of(const Tree& tree, std::size_t& next, unsigned above) {
  if (next == tree.size() || above > kTreeDepthMost) return std::nullopt;
  if (tree[next++].kind == TreeNode::Kind::kLeaf) return above;
  const auto left = depth_of(tree, next, above + 1);
  if (!left) return std::nullopt;
  const auto right = depth_of(tree, next, above + 1);
  if (!right) return std::nullopt;
  return std::max(*left, *right);
}

}  // namespace

std::optional<TreeEnsemble> TreeEnsemble::make(std::vector<bool> texts, float base, std::span<const Tree> trees) {
  if (trees.size() > kTreesMost || texts.size() > kFeaturesMost || !std::isfinite(base)) return std::nullopt;
  TreeEnsemble made;
  made.texts_ = std::move(texts);
  made.base_ = base;
  made.size_ = trees.size();
  for (const Tree& tree : trees) {
    for (const TreeNode& node : tree)
      if (!is_sound(node, made.texts_)) return std::nullopt;
    std::size_t next = 0;
    const auto depth = depth_of(tree, next, 0);
    if (!depth || next != tree.size()) return std::nullopt;
    made.depth_ = std::max(made.depth_, *depth);
  }
  if (!made.collect_sources(trees)) return std::nullopt;
  const std::size_t laid_out = (trees.size() + kSideBySide - 1) / kSideBySide * kSideBySide;
  made.questions_.assign(laid_out << made.depth_, {-kInfinite, 0});
  made.leaf_values_.assign(laid_out << made.depth_, 0);
  made.left_shares_.assign(laid_out << made.depth_, 0);
  for (std::size_t number = 0; number < trees.size(); ++number) {
    std::size_t next = 0;
    made.place(trees[number], next, number, 1);
  }
  return made;
}

bool TreeEnsemble::collect_sources(std::span<const Tree> trees) {
  std::vector<Source> sets;
  for (const Tree& tree : trees)
    for (const TreeNode& node : tree)
      if (node.kind == TreeNode::Kind::kNumber)
        sources_.push_back({node.feature, node.unknown_left, 0});
      else if (node.kind == TreeNode::Kind::kText)
        sets.push_back({node.feature, node.unknown_left, node.left_buckets});
  for (std::vector<Source>* sources : {&sources_, &sets}) {
    std::sort(sources->begin(), sources->end());
    sources->erase(std::unique(sources->begin(), sources->end()), sources->end());
  }
  numbers_ = sources_.size();
  sources_.insert(sources_.end(), sets.begin(), sets.end());
  return sources_.size() <= kInputsMost;
}

TreeEnsemble::Question TreeEnsemble::question(const TreeNode& node) const {
  const bool text = node.kind == TreeNode::Kind::kText;
  const Source wanted{node.feature, node.unknown_left, text ? node.left_buckets : 0};
  const auto split = sources_.begin() + static_cast<std::ptrdiff_t>(numbers_);
  const auto found = std::lower_bound(text ? split : sources_.begin(), text ? sources_.end() : split, wanted);
  return {text ? kSetThreshold : node.value, static_cast<std::uint16_t>(found - sources_.begin())};
}

void TreeEnsemble::place(const Tree& tree, std::size_t& next, std::size_t number, std::size_t at) {
  const TreeNode& node = tree[next++];
  const std::size_t first = number << depth_;
  if (node.kind == TreeNode::Kind::kLeaf) {
    std::size_t begin = at, end = at + 1;
    for (; begin < std::size_t{1} << depth_; begin *= 2) end *= 2;
    begin -= std::size_t{1} << depth_;
    end -= std::size_t{1} << depth_;
    std::fill(&leaf_values_[first + begin], &leaf_values_[first + begin] + (end - begin), node.value);
    return;
  }
  questions_[first + at] = question(node);
  left_shares_[first + at] = node.left_share;
  place(tree, next, number, 2 * at);
  place(tree, next, number, 2 * at + 1);
}

void TreeEnsemble::fill(std::span<const float> row, Inputs& inputs) const {
  NUDGE_CHECK(row.size() == texts_.size(), "a number for each feature");
  inputs[0] = 0;  // read where no tree asks anything
  for (std::size_t input = 0; input < numbers_; ++input) {
    const float value = row[sources_[input].feature];
    inputs[input] = std::isnan(value) ? (sources_[input].unknown_left ? -kInfinite : kInfinite) : value;
  }
  for (std::size_t input = numbers_; input < sources_.size(); ++input) {
    const Source& source = sources_[input];
    const float value = row[source.feature];
    const bool left = std::isnan(value)
                          ? source.unknown_left
                          : (source.left_buckets >> (static_cast<std::uint32_t>(value) % kTextBuckets) & 1) != 0;
    inputs[input] = left ? -kInfinite : kInfinite;
  }
}

template <unsigned kDepth>
float TreeEnsemble::walk(const Inputs& inputs) const {
  constexpr std::size_t kNodes = std::size_t{1} << kDepth;
  const Question* questions = questions_.data();
  const float* leaves = leaf_values_.data();
  float sum = base_;
  for (std::size_t left = size_; left > 0; left -= std::min(left, kSideBySide)) {
    std::size_t at[kSideBySide];
    for (std::size_t& node : at) node = 1;
    for (unsigned level = 0; level < kDepth; ++level) {
      for (std::size_t tree = 0; tree < kSideBySide; ++tree) {
        const Question& question = questions[tree * kNodes + at[tree]];
        at[tree] = 2 * at[tree] + (inputs[question.input] < question.threshold ? 0 : 1);
      }
    }
    for (std::size_t tree = 0; tree < kSideBySide; ++tree) sum += leaves[tree * kNodes + at[tree] - kNodes];
    questions += kSideBySide * kNodes;
    leaves += kSideBySide * kNodes;
  }
  return sum;
}

double TreeEnsemble::margin(std::span<const float> row) const {
  Inputs inputs;
  fill(row, inputs);
  static constexpr float (TreeEnsemble::*kWalks[])(const Inputs&)
      const = {&TreeEnsemble::walk<0>, &TreeEnsemble::walk<1>, &TreeEnsemble::walk<2>,
               &TreeEnsemble::walk<3>, &TreeEnsemble::walk<4>, &TreeEnsemble::walk<5>,
               &TreeEnsemble::walk<6>, &TreeEnsemble::walk<7>, &TreeEnsemble::walk<8>};
  static_assert(std::size(kWalks) == kTreeDepthMost + 1);
  return static_cast<double>((this->*kWalks[depth_])(inputs));
}

void TreeEnsemble::append(std::size_t number, std::size_t at, Tree& tree) const {
  const std::size_t first = number << depth_, leaves = std::size_t{1} << depth_;
  if (at >= leaves || left_shares_[first + at] == 0) {
    while (at < leaves) at *= 2;
    tree.push_back({.value = leaf_values_[first + at - leaves]});
    return;
  }
  const Question& question = questions_[first + at];
  const Source& source = sources_[question.input];
  const bool text = question.input >= numbers_;
  tree.push_back({.kind = text ? TreeNode::Kind::kText : TreeNode::Kind::kNumber,
                  .unknown_left = source.unknown_left,
                  .feature = source.feature,
                  .value = question.threshold,
                  .left_buckets = source.left_buckets,
                  .left_share = left_shares_[first + at]});
  append(number, 2 * at, tree);
  append(number, 2 * at + 1, tree);
}

void TreeEnsemble::encode(Encoder& out) const {
  out.varint(texts_.size());
  for (const bool text : texts_) out.boolean(text);
  out.real32(base_);
  out.varint(size_);
  Tree tree;
  for (std::size_t number = 0; number < size_; ++number) {
    tree.clear();
    append(number, 1, tree);
    for (const TreeNode& node : tree) {
      out.byte(static_cast<std::uint8_t>(static_cast<unsigned>(node.kind) * 2 + (node.unknown_left ? 1 : 0)));
      if (node.kind != TreeNode::Kind::kText) out.real32(node.value);
      if (node.kind == TreeNode::Kind::kLeaf) continue;
      if (node.kind == TreeNode::Kind::kText) out.fixed64(node.left_buckets);
      out.varint(node.feature);
      out.real(node.left_share);
    }
  }
}

std::optional<TreeEnsemble> TreeEnsemble::decode(Decoder& in) {
  std::vector<bool> texts(in.count());
  for (std::size_t feature = 0; feature < texts.size(); ++feature) texts[feature] = in.boolean();
  const float base = in.real32();
  std::vector<Tree> trees(in.count(5));
  if (trees.size() > kTreesMost) return std::nullopt;
  for (Tree& tree : trees) {
    for (std::size_t missing = 1; missing > 0 && tree.size() < kNodesMost && in.ok(); --missing) {
      TreeNode& node = tree.emplace_back();
      const std::uint8_t head = in.byte();
      if (head / 2 > static_cast<std::uint8_t>(TreeNode::Kind::kText) || head == 1) return std::nullopt;
      node.kind = static_cast<TreeNode::Kind>(head / 2);
      node.unknown_left = head % 2 == 1;
      if (node.kind != TreeNode::Kind::kText) node.value = in.real32();
      if (node.kind == TreeNode::Kind::kLeaf) continue;
      missing += 2;
      if (node.kind == TreeNode::Kind::kText) node.left_buckets = in.fixed64();
      const std::uint64_t feature = in.varint();
      if (feature >= texts.size()) return std::nullopt;
      node.feature = static_cast<std::uint32_t>(feature);
      node.left_share = in.real();
    }
  }
  if (!in.ok()) return std::nullopt;
  return make(std::move(texts), base, trees);
}

}  // namespace nudge::scores
