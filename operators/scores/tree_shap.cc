#include "operators/scores/tree_shap.h"

#include <algorithm>
#include <array>

#include "engine/check.h"

namespace nudge::scores {
namespace {

// Nodes two levels above the leaves, with the path to each. Its questions are numbered: the path from the root, then
// the node, then the two below.
struct Parts {
  unsigned depth;
  constexpr unsigned path() const { return depth > 2 ? depth - 2 : 0; }
  constexpr std::size_t count() const { return std::size_t{1} << path(); }
  constexpr std::size_t leaves() const { return std::size_t{1} << (depth - path()); }
  constexpr std::size_t questions() const { return path() + leaves() - 1; }
  constexpr std::size_t patterns() const { return std::size_t{1} << questions(); }
  // The answers of a part, from those of all nodes of the tree: bit n says that the row goes right at node n.
  constexpr std::size_t pattern(std::size_t part, std::uint32_t rights) const {
    const std::size_t top = count() + part;
    std::size_t pattern = 0;
    for (unsigned level = 0; level < path(); ++level)
      pattern |= static_cast<std::size_t>(rights >> (top >> (path() - level)) & 1) << level;
    pattern |= static_cast<std::size_t>(rights >> top & 1) << path();
    if (depth > 1) pattern |= static_cast<std::size_t>(rights >> (2 * top) & 3) << (path() + 1);
    return pattern;
  }
  // The number of a node's question, of one on the path to the part or in it.
  std::size_t question(unsigned level, std::size_t node) const {
    if (level <= path()) return level;
    return path() + 1 + node % 2;
  }
};

class Path {
 public:
  // The path to one of the lowest nodes; empty as well where the node is not the first below a leaf that lies higher,
  // which is how each leaf is counted once. `right` tells whether the row goes right at a node.
  template <typename Right>
  bool reach(const TreeEnsemble& ensemble, std::size_t tree, std::size_t leaf, const Right& right) {
    size_ = 0;
    const std::span<const double> shares = ensemble.left_shares(tree);
    const unsigned depth = ensemble.depth();
    const std::size_t end = (std::size_t{1} << depth) + leaf;
    for (unsigned level = 0; level < depth; ++level) {
      const std::size_t node = end >> (depth - level);
      if (shares[node] == 0) return node << (depth - level) == end;
      const bool to_right = (end >> (depth - level - 1)) % 2 == 1;
      enter(ensemble.feature_of(ensemble.questions(tree)[node]), to_right ? 1 - shares[node] : shares[node],
            right(level, node) == to_right);
    }
    return true;
  }
  std::span<PathFeature> features() { return std::span(features_).first(size_); }

 private:
  void enter(std::uint32_t feature, double share, bool passed) {
    for (PathFeature& entered : features()) {
      if (entered.feature != feature) continue;
      entered.share *= share;
      entered.passed = entered.passed && passed;
      return;
    }
    features_[size_++] = {feature, share, passed};
  }
  std::array<PathFeature, kTreeDepthMost> features_;
  std::size_t size_ = 0;
};

bool goes_right(const TreeEnsemble::Question& question, const TreeEnsemble::Inputs& inputs) {
  return !(inputs[question.input] < question.threshold);
}

double mean_below(const TreeEnsemble& ensemble, std::size_t tree, std::size_t node) {
  const std::size_t leaves = std::size_t{1} << ensemble.depth();
  if (node >= leaves) return static_cast<double>(ensemble.leaf_values(tree)[node - leaves]);
  const double share = ensemble.left_shares(tree)[node];
  return share * mean_below(ensemble, tree, 2 * node) + (1 - share) * mean_below(ensemble, tree, 2 * node + 1);
}

// Small whole numbers and what is one of so many: divisions would be most of the work.
constexpr auto kWhole = [] {
  std::array<double, kTreeDepthMost + 2> whole{};
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<double>(i);
  return whole;
}();
constexpr auto kOver = [] {
  std::array<double, kTreeDepthMost + 2> over{};
  for (std::size_t i = 1; i < over.size(); ++i) over[i] = 1.0 / static_cast<double>(i);
  return over;
}();

}  // namespace

void add_path(std::span<const PathFeature> path, double leaf, std::span<double> contributions) {
  // By Algorithm 2 of the paper: the weight of all sets of i features (EXTEND), then without one of them (UNWIND).
  std::array<double, kTreeDepthMost + 1> weights;
  weights[0] = 1;
  for (std::size_t size = 0; size < path.size(); ++size) {
    weights[size + 1] = 0;
    for (std::size_t i = size + 1; i-- > 0;) {
      const double each = weights[i] * kOver[size + 2];
      if (path[size].passed) weights[i + 1] += each * kWhole[i + 1];
      weights[i] = each * path[size].share * kWhole[size + 1 - i];
    }
  }
  const std::size_t size = path.size();
  for (const PathFeature& without : path) {
    double sum = 0;
    if (without.passed) {
      double next = weights[size];
      for (std::size_t i = size; i-- > 0;) {
        const double weight = next * kOver[i + 1];
        sum += weight;
        next = weights[i] - weight * without.share * kWhole[size - i];
      }
      sum *= 1 - without.share;
    } else {
      for (std::size_t i = size; i-- > 0;) sum -= weights[i] * kOver[size - i];
    }
    contributions[without.feature] += sum * kWhole[size + 1] * leaf;
  }
}

TreeExplainer::TreeExplainer(TreeEnsemble ensemble) : ensemble_(std::move(ensemble)) {
  expected_ = static_cast<double>(ensemble_.base());
  for (std::size_t tree = 0; tree < ensemble_.size(); ++tree) expected_ += mean_below(ensemble_, tree, 1);
  if (ensemble_.depth() > 0 && ensemble_.depth() <= kTableDepthMost) tabulate();
}

void TreeExplainer::tabulate() {
  const Parts parts{ensemble_.depth()};
  const std::size_t width = parts.questions();
  part_features_.reserve(ensemble_.size() * parts.count() * width);
  part_values_.reserve(ensemble_.size() * parts.count() * parts.patterns() * width);
  Path path;
  std::vector<std::uint32_t> features;
  std::vector<double> contributions(width);
  for (std::size_t tree = 0; tree < ensemble_.size(); ++tree) {
    for (std::size_t part = 0; part < parts.count(); ++part) {
      features.clear();
      for (std::size_t pattern = 0; pattern < parts.patterns(); ++pattern) {
        std::fill(contributions.begin(), contributions.end(), 0.0);
        for (std::size_t leaf = part * parts.leaves(); leaf < (part + 1) * parts.leaves(); ++leaf) {
          const bool counted = path.reach(ensemble_, tree, leaf, [&](unsigned level, std::size_t node) {
            return (pattern >> parts.question(level, node) & 1) != 0;
          });
          if (!counted) continue;
          for (PathFeature& entered : path.features()) {
            const auto found = std::find(features.begin(), features.end(), entered.feature);
            const auto place = static_cast<std::uint32_t>(found - features.begin());
            if (found == features.end()) features.push_back(entered.feature);
            entered.feature = place;
          }
          add_path(path.features(), static_cast<double>(ensemble_.leaf_values(tree)[leaf]), contributions);
        }
        for (const double value : contributions) part_values_.push_back(static_cast<float>(value));
      }
      features.resize(width, 0);
      part_features_.insert(part_features_.end(), features.begin(), features.end());
    }
  }
}

template <unsigned kDepth>
void TreeExplainer::look_up(const TreeEnsemble::Inputs& inputs, std::span<double> contributions) const {
  constexpr Parts kParts{kDepth};
  const std::uint16_t* features = part_features_.data();
  const float* values = part_values_.data();
  for (std::size_t tree = 0; tree < ensemble_.size(); ++tree) {
    const auto* questions = ensemble_.questions(tree).data();
    std::uint32_t rights = 0;
    for (unsigned node = 1; node < 1u << kDepth; ++node)
      rights |= static_cast<std::uint32_t>(goes_right(questions[node], inputs)) << node;
    for (std::size_t part = 0; part < kParts.count(); ++part) {
      const float* row = values + kParts.pattern(part, rights) * kParts.questions();
      for (std::size_t i = 0; i < kParts.questions(); ++i) contributions[features[i]] += static_cast<double>(row[i]);
      features += kParts.questions();
      values += kParts.patterns() * kParts.questions();
    }
  }
}

void TreeExplainer::walk(const TreeEnsemble::Inputs& inputs, std::span<double> contributions) const {
  Path path;
  for (std::size_t tree = 0; tree < ensemble_.size(); ++tree) {
    const std::span<const TreeEnsemble::Question> questions = ensemble_.questions(tree);
    for (std::size_t leaf = 0; leaf < questions.size(); ++leaf) {
      const auto right = [&](unsigned, std::size_t node) { return goes_right(questions[node], inputs); };
      if (path.reach(ensemble_, tree, leaf, right))
        add_path(path.features(), static_cast<double>(ensemble_.leaf_values(tree)[leaf]), contributions);
    }
  }
}

void TreeExplainer::explain(std::span<const float> row, std::span<double> contributions) const {
  NUDGE_CHECK(contributions.size() == ensemble_.features(), "a contribution for each feature");
  TreeEnsemble::Inputs inputs;
  ensemble_.fill(row, inputs);
  std::fill(contributions.begin(), contributions.end(), 0.0);
  switch (ensemble_.depth()) {
    case 0:
      return;
    case 1:
      return look_up<1>(inputs, contributions);
    case 2:
      return look_up<2>(inputs, contributions);
    case 3:
      return look_up<3>(inputs, contributions);
    case 4:
      return look_up<4>(inputs, contributions);
    case 5:
      static_assert(kTableDepthMost == 5);
      return look_up<5>(inputs, contributions);
    default:
      return walk(inputs, contributions);
  }
}

}  // namespace nudge::scores
