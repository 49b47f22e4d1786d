// Gradient boosting for the log loss (Friedman 2001; Chen & Guestrin, "XGBoost", 2016): rows whose label is known
// become a TreeEnsemble.
//
// XGBoost grows the trees from histograms (256 bins a feature), the gradients are made here, with the engine's exp. The
// same rows and settings give the same bytes, whichever thread trains and whatever was trained before. What decides a
// split in the end is XGBoost's arithmetic, so trees are trained in one place and recorded, and read back elsewhere.
//
// A text is asked whether it is one bucket: no order among buckets that means nothing, and no sets found by their
// labels. A bucket of too few rows has less than `min_child_weight`, and is never asked for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/status.h"
#include "operators/scores/trees.h"
#include "operators/scores/xgboost.h"

namespace nudge::scores {

struct TreeSettings {
  std::size_t trees = 200;      // at most kTreesMost
  unsigned depth = 4;           // 1 to kTreeDepthMost
  double learning_rate = 0.05;  // above 0
  double min_child_weight = 5;  // the least sum of weight·p·(1 − p) on a side of a split; above 0
  double l2 = 1;                // draws the leaves to 0
  double subsample = 1;         // the share of rows that each tree sees, above 0
  std::uint64_t seed = 1;       // of the choice of these rows
};

// Row-major values, one for each of `texts`, as features.h makes them; at least one row.
struct LabelledValues {
  const std::vector<bool>& texts;
  std::span<const float> values;
  std::span<const std::uint8_t> labels;  // 0 or 1
  std::span<const float> weights;        // above 0; only their ratios count
};

// A failure is XGBoost's: no memory, or infinite values.
Result<TreeEnsemble> train_trees(const LabelledValues& rows, const TreeSettings& settings);

// Its first step: XGBoost with all its trees. There is at least one feature.
Result<Booster> boost(const LabelledValues& rows, const TreeSettings& settings);

}  // namespace nudge::scores
