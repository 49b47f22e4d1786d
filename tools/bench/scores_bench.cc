// One score of 60 features by each model: its margin, and what each feature adds to it.
#include <benchmark/benchmark.h>

#include "operators/scores/estimator.h"
#include "tools/bench/labelled_sample.h"

namespace nudge::scores {
namespace {

using bench::kFeatures, bench::sample;

const FittedModel& fitted(std::size_t estimator) {
  static const auto models = [] {
    const bench::Sample& rows = sample();
    const TrainingRows training{
        .texts = rows.texts, .values = rows.values, .labels = rows.labels, .weights = rows.weights};
    std::vector<std::unique_ptr<FittedModel>> made;
    for (const Estimator& each : estimators()) made.push_back(std::move(each.fit(training, {})).value());
    return made;
  }();
  return *models[estimator];
}

void Score(benchmark::State& state) {
  const auto estimator = static_cast<std::size_t>(state.range(0));
  const FittedModel& model = fitted(estimator);
  state.SetLabel(std::string(estimators()[estimator].name));
  std::size_t row = 0;
  for (auto _ : state) benchmark::DoNotOptimize(model.margin(sample().row(row++)));
}
BENCHMARK(Score)->DenseRange(0, 2);

void ScoreWithContributions(benchmark::State& state) {
  const auto estimator = static_cast<std::size_t>(state.range(0));
  const FittedModel& model = fitted(estimator);
  state.SetLabel(std::string(estimators()[estimator].name));
  std::vector<double> contributions(kFeatures);
  std::size_t row = 0;
  for (auto _ : state) benchmark::DoNotOptimize(model.margin(sample().row(row++), contributions));
}
BENCHMARK(ScoreWithContributions)->DenseRange(0, 2);

}  // namespace
}  // namespace nudge::scores
