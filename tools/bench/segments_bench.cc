// What segmentation costs: an update of the micro-clusters and of a membership, a whole stream that drifts, and a query
// for similar customers.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <random>

#include "operators/segments/keeper.h"
#include "operators/segments/learner.h"
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

// ---- seven classes that drift ----

constexpr std::size_t kClasses = 7, kDays = 40, kPointsADay = 20'000, kFeatures = 5;
constexpr Column kColumns[kFeatures] = {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}};

struct StreamPoint {
  std::array<double, kFeatures> y;
  std::size_t of_class = 0;
};

// Classes are Gaussian, of different sizes, and every day each of their middles takes a step in any direction.
std::vector<StreamPoint> drifting_stream() {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  std::array<std::array<double, kFeatures>, kClasses> middles;
  for (auto& middle : middles)
    for (double& each : middle) each = 3 + 4 * normal(random);
  std::discrete_distribution<std::size_t> classes({25, 20, 16, 13, 11, 9, 6});
  std::vector<StreamPoint> stream;
  for (std::size_t day = 0; day < kDays; ++day) {
    for (auto& middle : middles)
      for (double& each : middle) each += 0.1 * normal(random);
    for (std::size_t i = 0; i < kPointsADay; ++i) {
      StreamPoint& point = stream.emplace_back();
      point.of_class = classes(random);
      for (std::size_t j = 0; j < kFeatures; ++j) point.y[j] = middles[point.of_class][j] + normal(random);
    }
  }
  return stream;
}

class StreamKeeper final : public Keeper {
 public:
  using Keeper::Keeper;
  // The segment into which the point falls; nothing before there are any.
  std::optional<std::int32_t> take(Millis time, const StreamPoint& point) {
    point_.y.resize(kFeatures);
    for (std::size_t j = 0; j < kFeatures; ++j) point_.y[j] = to_fixed(point.y[j]);
    count(pane_of(time), point_, 1);
    if (!model_) return std::nullopt;
    return model_->numbers[model_->nearest_of(point.y, z_).place];
  }
};

class Publication final : public GlobalContext {
 public:
  void publish(std::string name, std::int64_t version, Millis trained_until, std::string bytes) override {
    coming.push_back({std::move(name), version, valid_from(), trained_until, std::move(bytes)});
  }
  Millis valid_from() const override { return now + kDay; }
  Outputs& outputs() override { return outputs_; }

  Millis now = 0;
  std::deque<Model> coming;

 private:
  Outputs outputs_;
};

// How many of a day's points are of the class that most of their segment are of.
std::size_t pure(const std::map<std::pair<std::int32_t, std::size_t>, std::size_t>& day) {
  std::map<std::int32_t, std::size_t> most;
  for (const auto& [key, points] : day) most[key.first] = std::max(most[key.first], points);
  std::size_t sum = 0;
  for (const auto& [segment, points] : most) sum += points;
  return sum;
}

// All of it: points are counted and placed as they come, by the segments of the day before; each day's end sums the
// week up and learns anew. Purity of segments by day, and the share of the largest class beside it.
void stream_of_seven_classes(benchmark::State& state) {
  const std::vector<StreamPoint> stream = drifting_stream();
  Segmentation segmentation;
  segmentation.name = "stream";
  segmentation.of = Entity::kTransactions;
  segmentation.k = kClasses;
  segmentation.every = kDay;
  segmentation.window = kWeek;
  for (const Column& column : kColumns) segmentation.features.push_back({{0, &column}, Transform::kNone, 1});
  std::size_t placed = 0, of_most = 0, of_largest = 0;
  for (auto _ : state) {
    StreamKeeper keeper(segmentation);
    SegmentLearner learner(segmentation);
    Publication publication;
    placed = of_most = of_largest = 0;
    for (std::size_t day = 0; day < kDays; ++day) {
      const Millis now = static_cast<Millis>(day) * kDay;
      for (; !publication.coming.empty() && publication.coming.front().valid_from <= now;
           publication.coming.pop_front())
        keeper.adopt(publication.coming.front());
      std::map<std::pair<std::int32_t, std::size_t>, std::size_t> seen;
      for (std::size_t i = 0; i < kPointsADay; ++i) {
        const StreamPoint& point = stream[day * kPointsADay + i];
        const auto segment = keeper.take(now, point);
        if (!segment) continue;
        ++placed;
        of_largest += point.of_class == 0;
        ++seen[{*segment, point.of_class}];
      }
      of_most += pure(seen);
      std::string bytes;
      Encoder out(bytes);
      keeper.take_partial(out);
      Decoder in(bytes);
      Partial partial;
      if (!partial.decode(in)) state.SkipWithError("a partial that cannot be read");
      learner.merge(partial);
      publication.now = now + kDay;
      learner.learn(publication.now, false, publication);
      publication.outputs().clear();
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
  state.counters["purity"] = static_cast<double>(of_most) / static_cast<double>(placed);
  state.counters["largest_class"] = static_cast<double>(of_largest) / static_cast<double>(placed);
}
BENCHMARK(stream_of_seven_classes)->Unit(benchmark::kMillisecond);

// How many segments there are, of 2 to 10, by ten seedings each: what a version costs where k is not given. Nothing
// parts the points, so that k-means takes its time.
void choice_of_k(benchmark::State& state) {
  std::mt19937 random(1);
  std::normal_distribution<double> draw;
  WeightedPoints points;
  points.dimensions = kFeatures;
  for (std::size_t i = 0; i < 4096; ++i) {
    for (std::size_t j = 0; j < kFeatures; ++j) points.values.push_back(draw(random));
    points.weights.push_back(1 + random() % 5);
    points.spreads.push_back(0);
  }
  std::size_t k = 0;
  for (auto _ : state) benchmark::DoNotOptimize(k = choose(points, 10, std::nullopt, 1).clustering.k());
  state.counters["k"] = static_cast<double>(k);
}
BENCHMARK(choice_of_k)->Unit(benchmark::kMillisecond);

// Ten most similar of a million customers with 32 features.
void similar_customers(benchmark::State& state) {
  constexpr std::size_t kRows = 1'000'000, kWidth = 32;
  std::mt19937 random(1);
  std::normal_distribution<float> draw;
  SimilarityTable table(kWidth);
  std::vector<float> row(kWidth), weights(kWidth, 1);
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
