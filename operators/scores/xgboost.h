// XGBoost, as far as training needs it: the one file that calls its C interface and reads its model format.
//
// XGBoost grows a tree for gradients that it is given, with one thread, prints nothing, and draws no random numbers, so
// what it grows follows from what it was given. Any thread may have a booster; a booster belongs to one thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"
#include "operators/scores/trees.h"

namespace nudge::scores {

struct GrowthSettings {
  unsigned depth = 0;
  double learning_rate = 0, min_child_weight = 0, l2 = 0;
};

class Booster {
 public:
  // `values` are row-major, a number for each of `texts` (a bucket where it says so), NaN for unknown, none infinite;
  // weights, one for each row, say where thresholds are looked for. All margins begin at `base`.
  static Result<Booster> make(std::span<const float> values, const std::vector<bool>& texts,
                              std::span<const float> weights, float base, const GrowthSettings& settings);

  // Of all rows by the trees so far. Valid until the next call.
  Result<std::span<const float>> margins();
  // Grows one more tree.
  Status grow(std::span<float> gradients, std::span<float> hessians);
  // In XGBoost's format (UBJSON); without the base.
  Result<std::string> model();

  // What XGBoost itself says of other rows, to compare with: their margins; or for each row what each feature
  // contributes, then the expected margin.
  enum class Prediction { kMargin = 1, kContributions = 2 };
  Result<std::vector<float>> predict(std::span<const float> values, Prediction prediction);

 private:
  struct FreeMatrix {
    void operator()(void* handle) const;
  };
  struct FreeBooster {
    void operator()(void* handle) const;
  };
  using Matrix = std::unique_ptr<void, FreeMatrix>;

  Booster() = default;
  Result<Matrix> matrix_of(std::span<const float> values) const;
  Result<std::span<const float>> predict(const Matrix& matrix, Prediction prediction);

  std::vector<bool> texts_;
  float base_ = 0;
  Matrix matrix_;
  std::unique_ptr<void, FreeBooster> booster_;
};

// The trees of a model.
Result<std::vector<Tree>> read_xgboost_trees(std::string_view model);

}  // namespace nudge::scores
