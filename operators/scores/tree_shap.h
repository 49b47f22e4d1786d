// Exact Shapley values of a row's margin: TreeSHAP, path-dependent (Lundberg, Erion & Lee, "Consistent individualized
// feature attribution for tree ensembles", 2018).
//
// The game: a tree of which the features S are known follows the row where it asks of a feature in S, and is the mean
// of both sides, by their training weight, where it does not. A text is one player, however many sets it is asked for.
//
// What a leaf contributes depends on the row only by which features on its path the row agrees with. So the four leaves
// below a node and the path to it are a part with at most depth + 1 questions, and what it contributes is tabulated for
// each pattern of answers when the explainer is made; a row then costs one look into each part. Ensembles deeper than
// kTableDepthMost, whose tables would be too large, are explained leaf by leaf.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/scores/trees.h"

namespace nudge::scores {

// A feature on the way to a leaf: the share of training weight that its questions leave, and whether the row passes
// all.
struct PathFeature {
  std::uint32_t feature = 0;
  double share = 1;
  bool passed = true;
};

// Adds what each feature of a path contributes to the leaf's value. Features are distinct, at most kTreeDepthMost, with
// shares inside (0, 1).
void add_path(std::span<const PathFeature> path, double leaf, std::span<double> contributions);

class TreeExplainer {
 public:
  static constexpr unsigned kTableDepthMost = 5;

  explicit TreeExplainer(TreeEnsemble ensemble);

  const TreeEnsemble& ensemble() const { return ensemble_; }
  // The margin of a row of which nothing is known. A row's margin is this and the sum of its contributions, but for the
  // rounding of the floats that the margin is the sum of.
  double expected() const { return expected_; }
  // Replaces `contributions`, one for each feature. Any thread.
  void explain(std::span<const float> row, std::span<double> contributions) const;

 private:
  void tabulate();
  template <unsigned kDepth>
  void look_up(const TreeEnsemble::Inputs& inputs, std::span<double> contributions) const;
  void walk(const TreeEnsemble::Inputs& inputs, std::span<double> contributions) const;

  TreeEnsemble ensemble_;
  double expected_ = 0;
  // By tree and part: as many features as there can be questions (those that are missing are feature 0), and for each
  // pattern of answers as many contributions.
  std::vector<std::uint16_t> part_features_;
  std::vector<float> part_values_;
};

}  // namespace nudge::scores
