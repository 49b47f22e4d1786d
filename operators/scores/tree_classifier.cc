#include "operators/scores/tree_classifier.h"

#include "engine/check.h"
#include "operators/scores/tree_shap.h"
#include "operators/scores/tree_training.h"

namespace nudge::scores {
namespace {

class TreeModel final : public FittedModel {
 public:
  explicit TreeModel(TreeEnsemble trees) : explainer_(std::move(trees)) {}

  double margin(std::span<const float> row, std::span<double> contributions) const override {
    if (!contributions.empty()) explainer_.explain(row, contributions);
    return explainer_.ensemble().margin(row);
  }
  void encode(Encoder& out) const override { explainer_.ensemble().encode(out); }

 private:
  TreeExplainer explainer_;
};

}  // namespace

Result<std::unique_ptr<FittedModel>> fit_trees(const TrainingRows& rows, const EstimatorSettings& settings) {
  NUDGE_CHECK(rows.size() > 0, "rows to learn from");
  TreeSettings trees = settings.trees;
  trees.seed = settings.seed;
  NUDGE_ASSIGN(TreeEnsemble trained, train_trees({rows.texts, rows.values, rows.labels, rows.weights}, trees));
  return std::unique_ptr<FittedModel>(std::make_unique<TreeModel>(std::move(trained)));
}

std::unique_ptr<FittedModel> decode_trees(Decoder& in) {
  auto trees = TreeEnsemble::decode(in);
  if (!trees) {
    in.fail();
    return nullptr;
  }
  return std::make_unique<TreeModel>(std::move(*trees));
}

}  // namespace nudge::scores
