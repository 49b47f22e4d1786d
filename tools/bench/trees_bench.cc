// Gradient-boosted trees, 200 of depth 4 over 60 features: a score, its contributions beside XGBoost's, and training.
#include <vector>

#include <benchmark/benchmark.h>

#include "operators/scores/tree_shap.h"
#include "operators/scores/tree_training.h"
#include "tools/bench/labelled_sample.h"

namespace nudge::scores {
namespace {

using bench::kFeatures, bench::sample;

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
