#include "operators/scores/tree_training.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/hash.h"
#include "engine/portable_math.h"

namespace nudge::scores {
namespace {

constexpr double kHessianLeast = 1e-16;

void check(const LabelledValues& rows, const TreeSettings& settings) {
  const std::size_t size = rows.labels.size();
  NUDGE_CHECK(size > 0 && rows.weights.size() == size && rows.values.size() == size * rows.texts.size(),
              "a label, a weight and values for each of some rows");
  NUDGE_CHECK(std::all_of(rows.labels.begin(), rows.labels.end(), [](std::uint8_t label) { return label <= 1; }),
              "labels are 0 or 1");
  NUDGE_CHECK(std::all_of(rows.weights.begin(), rows.weights.end(), [](float weight) { return weight > 0; }),
              "weights are above 0");
  NUDGE_CHECK(settings.trees <= kTreesMost && settings.depth >= 1 && settings.depth <= kTreeDepthMost &&
                  settings.learning_rate > 0 && settings.min_child_weight > 0 && settings.l2 >= 0 &&
                  settings.subsample > 0,
              "settings within their bounds");
}

// Scaled to a mean of 1.
std::vector<float> weights_of(const LabelledValues& rows) {
  double sum = 0;
  for (const float weight : rows.weights) sum += static_cast<double>(weight);
  const double unit = static_cast<double>(rows.weights.size()) / sum;
  std::vector<float> weights;
  weights.reserve(rows.weights.size());
  for (const float weight : rows.weights) weights.push_back(static_cast<float>(static_cast<double>(weight) * unit));
  return weights;
}

bool is_sampled(const TreeSettings& settings, std::size_t tree, std::size_t row) {
  return settings.subsample >= 1 || unit_interval(mix(mix(settings.seed, tree), row)) < settings.subsample;
}

float base_margin(std::span<const std::uint8_t> labels, std::span<const float> weights) {
  // Half a row more of each class: rows of one class have a finite margin too.
  double sums[2] = {0.5, 0.5};
  for (std::size_t row = 0; row < labels.size(); ++row) sums[labels[row]] += static_cast<double>(weights[row]);
  return static_cast<float>(portable::log(sums[1] / sums[0]));
}

}  // namespace

Result<Booster> boost(const LabelledValues& rows, const TreeSettings& settings) {
  check(rows, settings);
  NUDGE_CHECK(!rows.texts.empty(), "trees have a feature to ask for");
  const std::vector<float> weights = weights_of(rows);
  NUDGE_ASSIGN(Booster booster,
               Booster::make(rows.values, rows.texts, weights, base_margin(rows.labels, weights),
                             {settings.depth, settings.learning_rate, settings.min_child_weight, settings.l2}));
  std::vector<float> gradients(weights.size()), hessians(weights.size());
  for (std::size_t tree = 0; tree < settings.trees; ++tree) {
    NUDGE_ASSIGN(const std::span<const float> margins, booster.margins());
    NUDGE_CHECK(margins.size() == weights.size(), "a margin for each row");
    for (std::size_t row = 0; row < weights.size(); ++row) {
      const double weight = is_sampled(settings, tree, row) ? static_cast<double>(weights[row]) : 0;
      const double probability = portable::sigmoid(static_cast<double>(margins[row]));
      gradients[row] = static_cast<float>((probability - rows.labels[row]) * weight);
      hessians[row] = static_cast<float>(std::max(probability * (1 - probability), kHessianLeast) * weight);
    }
    NUDGE_TRY(booster.grow(gradients, hessians));
  }
  return booster;
}

Result<TreeEnsemble> train_trees(const LabelledValues& rows, const TreeSettings& settings) {
  check(rows, settings);
  std::vector<Tree> trees;
  if (!rows.texts.empty()) {
    NUDGE_ASSIGN(Booster booster, boost(rows, settings));
    NUDGE_ASSIGN(const std::string model, booster.model());
    NUDGE_ASSIGN(trees, read_xgboost_trees(model));
  }
  auto ensemble = TreeEnsemble::make(rows.texts, base_margin(rows.labels, weights_of(rows)), trees);
  if (!ensemble) return Status::internal("xgboost grew trees that are none");
  return std::move(*ensemble);
}

}  // namespace nudge::scores
