// Gradient-boosted trees, 200 of depth 4 over 60 features: a score, its contributions beside XGBoost's, and training.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "operators/scores/tree_shap.h"
#include "operators/scores/tree_training.h"

namespace nudge::scores {
namespace {

constexpr std::size_t kFeatures = 60, kRows = 20'000;

// Heavy-tailed numbers, counts and texts; a tenth of all is unknown. Half of the features say something of the label.
struct Sample {
  std::vector<bool> texts;
  std::vector<float> values;
  std::vector<std::uint8_t> labels;
  std::vector<float> weights = std::vector<float>(kRows, 1);

  Sample() {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (std::size_t feature = 0; feature < kFeatures; ++feature) texts.push_back(feature % 6 == 5);
    for (std::size_t row = 0; row < kRows; ++row) {
      float margin = -1;
      for (std::size_t feature = 0; feature < kFeatures; ++feature) {
        const float number = feature % 2 == 0 ? static_cast<float>(random() % 20) : std::exp(normal(random));
        const float value = texts[feature] ? static_cast<float>(random() % 8 * (random() % 8)) : number;
        const bool known = random() % 10 != 0;
        values.push_back(known ? value : std::numeric_limits<float>::quiet_NaN());
        if (!known || feature > kFeatures / 2) continue;
        margin += texts[feature] ? (value == 12 ? 1.0f : 0.0f) : (number > 3 ? 0.2f : -0.2f);
      }
      labels.push_back(margin + normal(random) > 0 ? 1 : 0);
    }
  }
  LabelledValues rows() const { return {texts, values, labels, weights}; }
  std::span<const float> row(std::size_t index) const {
    return std::span(values).subspan(index % kRows * kFeatures, kFeatures);
  }
};

const Sample& sample() {
  static const Sample made;
  return made;
}
const TreeEnsemble& ensemble() {
  static const TreeEnsemble trained = train_trees(sample().rows(), {}).value();
  return trained;
}

void TreeMargin(benchmark::State& state) {
  std::size_t row = 0;
  const TreeEnsemble& trees = ensemble();
  for (auto _ : state) benchmark::DoNotOptimize(trees.margin(sample().row(row++)));
}
BENCHMARK(TreeMargin);

void TreeContributions(benchmark::State& state) {
  std::size_t row = 0;
  const TreeExplainer explainer(ensemble());
  std::vector<double> contributions(kFeatures);
  for (auto _ : state) {
    explainer.explain(sample().row(row++), contributions);
    benchmark::DoNotOptimize(contributions.data());
  }
}
BENCHMARK(TreeContributions);

// Of 1,000 rows at once; the time is that of a row.
void xgboost(benchmark::State& state, Booster::Prediction prediction) {
  constexpr std::size_t kAtOnce = 1'000;
  Booster booster = boost(sample().rows(), {}).value();
  for (auto _ : state) {
    const auto predicted = booster.predict(std::span(sample().values).first(kAtOnce * kFeatures), prediction);
    if (!predicted.is_ok()) return state.SkipWithError(predicted.status().message().c_str());
    benchmark::DoNotOptimize(predicted.value().data());
  }
  state.counters["row"] =
      benchmark::Counter(kAtOnce, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
void XgboostMargin(benchmark::State& state) { xgboost(state, Booster::Prediction::kMargin); }
BENCHMARK(XgboostMargin)->Unit(benchmark::kMillisecond);
void XgboostContributions(benchmark::State& state) { xgboost(state, Booster::Prediction::kContributions); }
BENCHMARK(XgboostContributions)->Unit(benchmark::kMillisecond);

void TreeDecode(benchmark::State& state) {
  std::string bytes;
  Encoder out(bytes);
  ensemble().encode(out);
  for (auto _ : state) {
    Decoder in(bytes);
    const TreeExplainer explainer(*TreeEnsemble::decode(in));
    benchmark::DoNotOptimize(explainer.expected());
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(TreeDecode)->Unit(benchmark::kMillisecond);

void TreeTraining(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(train_trees(sample().rows(), {}).is_ok());
}
BENCHMARK(TreeTraining)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace nudge::scores
