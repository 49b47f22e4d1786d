#include "operators/scores/xgboost.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/core.h>
#include <xgboost/c_api.h>
#include <nlohmann/json.hpp>

#include "operators/scores/features.h"

namespace nudge::scores {
namespace {

using Json = nlohmann::json;

Status outcome(int code, std::string_view action) {
  if (code == 0) return Status::ok();
  return Status::internal(fmt::format("xgboost cannot {}: {}", action, XGBGetLastError()));
}

// One tree's arrays as XGBoost writes them, by node.
struct Arrays {
  std::vector<std::int32_t> left, right, feature;
  std::vector<float> condition, weight;  // `weight` is the training weight (sum of hessians)
  std::vector<std::uint8_t> unknown_left, is_text;
  std::vector<std::uint64_t> right_buckets;

  explicit Arrays(const Json& tree)
      : left(tree.at("left_children")),
        right(tree.at("right_children")),
        feature(tree.at("split_indices")),
        condition(tree.at("split_conditions")),
        weight(tree.at("sum_hessian")),
        unknown_left(tree.at("default_left")),
        is_text(tree.at("split_type")),
        right_buckets(left.size()) {
    const std::vector<std::int64_t> nodes = tree.at("categories_nodes"), begins = tree.at("categories_segments"),
                                    sizes = tree.at("categories_sizes"), categories = tree.at("categories");
    for (std::size_t set = 0; set < nodes.size(); ++set) {
      const auto begin = static_cast<std::size_t>(begins.at(set)), size = static_cast<std::size_t>(sizes.at(set));
      std::uint64_t& buckets = right_buckets.at(static_cast<std::size_t>(nodes[set]));
      for (std::size_t i = begin; i < begin + size; ++i)
        buckets |= std::uint64_t{1} << (static_cast<std::uint64_t>(categories.at(i)) % kTextBuckets);
    }
  }

  void append(std::size_t node, Tree& tree) const {
    TreeNode& made = tree.emplace_back();
    if (left.at(node) < 0) {
      made.value = condition.at(node);
      return;
    }
    const auto low = static_cast<std::size_t>(left[node]), high = static_cast<std::size_t>(right.at(node));
    const auto low_weight = static_cast<double>(weight.at(low)), high_weight = static_cast<double>(weight.at(high));
    made.feature = static_cast<std::uint32_t>(feature.at(node));
    made.unknown_left = unknown_left.at(node) != 0;
    made.left_share = low_weight / (low_weight + high_weight);
    if (is_text.at(node) != 0) {
      made.kind = TreeNode::Kind::kText;
      made.left_buckets = ~right_buckets[node];
    } else {
      made.kind = TreeNode::Kind::kNumber;
      made.value = condition.at(node);
    }
    append(low, tree);
    append(high, tree);
  }
};

}  // namespace

void Booster::FreeMatrix::operator()(void* handle) const { XGDMatrixFree(handle); }
void Booster::FreeBooster::operator()(void* handle) const { XGBoosterFree(handle); }

Result<Booster::Matrix> Booster::matrix_of(std::span<const float> values) const {
  const std::size_t rows = values.size() / texts_.size();
  void* handle = nullptr;
  NUDGE_TRY(outcome(XGDMatrixCreateFromMat_omp(values.data(), rows, texts_.size(),
                                               std::numeric_limits<float>::quiet_NaN(), &handle, 1),
                    "take the rows"));
  Matrix matrix(handle);
  std::vector<const char*> types;
  for (const bool text : texts_) types.push_back(text ? "c" : "q");
  NUDGE_TRY(outcome(XGDMatrixSetStrFeatureInfo(handle, "feature_type", types.data(), types.size()), "take the types"));
  const std::vector<float> bases(rows, base_);
  NUDGE_TRY(outcome(XGDMatrixSetFloatInfo(handle, "base_margin", bases.data(), rows), "take the base"));
  return matrix;
}

Result<Booster> Booster::make(std::span<const float> values, const std::vector<bool>& texts,
                              std::span<const float> weights, float base, const GrowthSettings& settings) {
  // What a thread prints is a matter of the thread.
  NUDGE_TRY(outcome(XGBSetGlobalConfig(R"({"verbosity": 0})"), "be silenced"));
  Booster made;
  made.texts_ = texts;
  made.base_ = base;
  NUDGE_ASSIGN(made.matrix_, made.matrix_of(values));
  void* matrix = made.matrix_.get();
  NUDGE_TRY(outcome(XGDMatrixSetFloatInfo(matrix, "weight", weights.data(), weights.size()), "take the weights"));
  void* booster = nullptr;
  NUDGE_TRY(outcome(XGBoosterCreate(&matrix, 1, &booster), "make a booster"));
  made.booster_.reset(booster);
  const std::pair<const char*, std::string> parameters[] = {
      {"nthread", "1"},
      {"verbosity", "0"},
      {"tree_method", "hist"},
      {"objective", "binary:logistic"},
      {"base_score", "0.5"},
      {"max_depth", std::to_string(settings.depth)},
      {"eta", fmt::format("{}", settings.learning_rate)},
      {"min_child_weight", fmt::format("{}", settings.min_child_weight)},
      {"lambda", fmt::format("{}", settings.l2)},
      // One bucket against the others: a set of buckets is found by their labels, and follows chance where they are
      // few.
      {"max_cat_to_onehot", std::to_string(kTextBuckets + 1)},
  };
  for (const auto& [name, value] : parameters)
    NUDGE_TRY(outcome(XGBoosterSetParam(booster, name, value.c_str()), "take a parameter"));
  return made;
}

Result<std::span<const float>> Booster::predict(const Matrix& matrix, Prediction prediction) {
  const std::string config = fmt::format(
      R"({{"type": {}, "training": true, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false}})",
      static_cast<int>(prediction));
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  NUDGE_TRY(
      outcome(XGBoosterPredictFromDMatrix(booster_.get(), matrix.get(), config.c_str(), &shape, &dimensions, &values),
              "predict"));
  return std::span(values, std::accumulate(shape, shape + dimensions, bst_ulong{1}, std::multiplies<>()));
}

Result<std::span<const float>> Booster::margins() { return predict(matrix_, Prediction::kMargin); }

Result<std::vector<float>> Booster::predict(std::span<const float> values, Prediction prediction) {
  NUDGE_ASSIGN(const Matrix matrix, matrix_of(values));
  NUDGE_ASSIGN(const std::span<const float> predicted, predict(matrix, prediction));
  return std::vector<float>(predicted.begin(), predicted.end());
}

Status Booster::grow(std::span<float> gradients, std::span<float> hessians) {
  return outcome(
      XGBoosterBoostOneIter(booster_.get(), matrix_.get(), gradients.data(), hessians.data(), gradients.size()),
      "grow a tree");
}

Result<std::string> Booster::model() {
  bst_ulong size = 0;
  const char* bytes = nullptr;
  NUDGE_TRY(
      outcome(XGBoosterSaveModelToBuffer(booster_.get(), R"({"format": "ubj"})", &size, &bytes), "give the model"));
  return std::string(bytes, size);
}

Result<std::vector<Tree>> read_xgboost_trees(std::string_view model) {
  try {
    const Json json = Json::from_ubjson(model);
    std::vector<Tree> trees;
    for (const Json& tree : json.at("learner").at("gradient_booster").at("model").at("trees"))
      Arrays(tree).append(0, trees.emplace_back());
    return trees;
  } catch (const std::exception& unexpected) {
    return Status::internal(fmt::format("the model that xgboost gave is not one: {}", unexpected.what()));
  }
}

}  // namespace nudge::scores
