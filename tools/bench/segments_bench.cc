// What segmentation costs: an update of the micro-clusters and of a membership, and a query for similar customers.
#include <benchmark/benchmark.h>

#include <random>

#include "operators/segments/micro_clusters.h"
#include "operators/segments/segment_model.h"
#include "operators/segments/similarity.h"

namespace nudge::segments {
namespace {

// A customer moves: retract, insert, nearest of eight segments.
void move_customer(benchmark::State& state) {
  const auto features = static_cast<std::size_t>(state.range(0));
  std::mt19937 random(1);
  std::normal_distribution<double> draw(3, 1);
  MicroClusters clusters(GridShifts(features, kFractionBits - 1));
  SegmentModel model;
  model.scalings.assign(features, {Transform::kLog1p, 3, 1});
  model.centres.dimensions = features;
  for (std::size_t i = 0; i < 8 * features; ++i) model.centres.values.push_back(draw(random) - 3);
  model.numbers.resize(8);
  std::vector<Point> points(20'000);
  std::vector<std::vector<double>> y(points.size(), std::vector<double>(features));
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (double& each : y[i]) points[i].y.push_back(to_fixed(each = draw(random)));
    clusters.add(points[i]);
  }
  std::vector<double> z(features);
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t next = (i + 1) % points.size();
    clusters.remove(points[i]);
    clusters.add(points[i]);
    benchmark::DoNotOptimize(model.nearest_of(y[i], z));
    i = next;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["groups"] = static_cast<double>(clusters.size());
}
BENCHMARK(move_customer)->Arg(4)->Arg(8);

// Ten most similar of a million customers with 32 features.
void similar_customers(benchmark::State& state) {
  constexpr std::size_t kRows = 1'000'000, kFeatures = 32;
  std::mt19937 random(1);
  std::normal_distribution<float> draw;
  SimilarityTable table(kFeatures);
  std::vector<float> row(kFeatures), weights(kFeatures, 1);
  for (std::size_t i = 0; i < kRows; ++i) {
    for (float& each : row) each = draw(random);
    table.set(i, row);
  }
  for (auto _ : state) benchmark::DoNotOptimize(table.nearest(row, weights, 10));
  state.counters["MiB"] = static_cast<double>(table.memory_bytes() >> 20);
}
BENCHMARK(similar_customers)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nudge::segments
