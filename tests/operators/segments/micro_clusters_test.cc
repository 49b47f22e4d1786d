// Micro-clusters against their promises, on random points: order does not matter, who leaves leaves nothing, parts
// merge to the whole, and a grid that was widened is the wide grid.
#include "operators/segments/micro_clusters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace nudge::segments {
namespace {

Point random_point(std::mt19937& random, std::size_t features) {
  Point point;
  for (std::size_t j = 0; j < features; ++j) {
    const bool is_unknown = random() % 8 == 0;
    const bool is_huge = random() % 50 == 0;
    const double y = (static_cast<double>(random()) / 4e9 - 0.5) * (is_huge ? 1e12 : 8);
    point.y.push_back(is_unknown ? kUnknown : to_fixed(y));
  }
  point.value = static_cast<Nano>(random()) * 1'000'000'000;
  point.has_margin = random() % 2 == 0;
  point.margin = point.has_margin ? static_cast<Nano>(random()) - 2'000'000'000 : 0;
  return point;
}

GridShifts random_shifts(std::mt19937& random, std::size_t features) {
  GridShifts shifts;
  for (std::size_t j = 0; j < features; ++j) shifts.push_back(static_cast<std::uint8_t>(14 + random() % 10));
  return shifts;
}

std::string encoded(const MicroClusters& clusters) {
  std::string bytes;
  Encoder out(bytes);
  clusters.encode(out);
  return bytes;
}

TEST(MicroClusters, HoldWhatIsThereWhateverTheOrder) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t features = 1 + random() % 7;
    const GridShifts shifts = random_shifts(random, features);
    std::vector<Point> stay, leave;
    for (int i = 0; i < 200; ++i) (random() % 3 == 0 ? leave : stay).push_back(random_point(random, features));

    MicroClusters only(shifts), all(shifts), left(shifts), right(shifts);
    for (const Point& point : stay) only.add(point);
    std::vector<Point> both = stay;
    both.insert(both.end(), leave.begin(), leave.end());
    std::shuffle(both.begin(), both.end(), random);
    for (const Point& point : both) all.add(point);
    for (const Point& point : leave) all.remove(point);
    EXPECT_EQ(encoded(all), encoded(only));

    // Changes of two tasks; one sees only that somebody leaves who came at the other.
    for (const Point& point : both) (random() % 2 == 0 ? left : right).add(point);
    for (const Point& point : leave) (random() % 2 == 0 ? left : right).remove(point);
    left.merge(right);
    EXPECT_EQ(encoded(left), encoded(only));

    MicroClusters decoded;
    const std::string bytes = encoded(only);
    Decoder in(bytes);
    ASSERT_TRUE(decoded.decode(in) && in.at_end());
    EXPECT_EQ(decoded, only);

    for (const Point& point : stay) all.remove(point);
    EXPECT_EQ(all.size(), 0u);
  }
}

TEST(MicroClusters, AWidenedGridIsTheWideGrid) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t features = 1 + random() % 5;
    const GridShifts narrow = random_shifts(random, features), other = random_shifts(random, features);
    GridShifts wide;
    for (std::size_t j = 0; j < features; ++j) wide.push_back(std::max(narrow[j], other[j]));
    MicroClusters widened(narrow), merged(narrow), part(other), expected(wide);
    for (int i = 0; i < 300; ++i) {
      const Point point = random_point(random, features);
      widened.add(point);
      expected.add(point);
      (i % 2 == 0 ? merged : part).add(point);
    }
    widened.coarsen(other);
    EXPECT_EQ(widened, expected);
    merged.merge(part);
    EXPECT_EQ(merged, expected);
    EXPECT_EQ(merged.total(), expected.total());

    const std::size_t most = 1 + random() % 40;
    limit(widened, std::vector<double>(features, 1.0), most);
    // Nothing widens further than a cell on either side of 0, and one for the unknown.
    EXPECT_LE(widened.size(), std::max<std::size_t>(most, 3 * features * features + 243));
    EXPECT_EQ(widened.total(), expected.total());
  }
}

// One doubling after the other, each of the width that is narrowest in deviations.
MicroClusters widened_step_by_step(MicroClusters clusters, const std::vector<double>& sd, std::size_t most) {
  while (clusters.size() > most) {
    GridShifts shifts = clusters.shifts();
    const auto width = [&](std::size_t j) { return static_cast<double>(std::int64_t{1} << shifts[j]) / sd[j]; };
    std::size_t narrowest = 0;
    for (std::size_t j = 1; j < shifts.size(); ++j)
      if (shifts[narrowest] >= kShiftMost || (shifts[j] < kShiftMost && width(j) < width(narrowest))) narrowest = j;
    if (shifts[narrowest] >= kShiftMost) break;
    ++shifts[narrowest];
    clusters.coarsen(shifts);
  }
  return clusters;
}

TEST(MicroClusters, AreWidenedNoFurtherThanTheyMust) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t features = 1 + random() % 4;
    MicroClusters clusters(random_shifts(random, features));
    std::vector<double> sd;
    for (std::size_t j = 0; j < features; ++j) sd.push_back(1 + random() % 9);
    for (int i = 0; i < 400; ++i) clusters.add(random_point(random, features));
    const std::size_t most = 1 + random() % 300;
    const MicroClusters expected = widened_step_by_step(clusters, sd, most);
    limit(clusters, sd, most);
    EXPECT_EQ(clusters, expected);
  }
}

TEST(ClusterFeature, MeanAndVarianceAreThoseOfItsPoints) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const double middle = seed % 2 == 0 ? 1e6 : -3;  // deviations far below the mean must not drown in it
    std::normal_distribution<double> draw(middle, 0.01);
    ClusterFeature group(1);
    std::vector<double> values;
    for (int i = 0; i < 1000; ++i) {
      values.push_back(draw(random));
      group.add({{to_fixed(values.back())}, 0, 0, false});
    }
    double mean = 0, variance = 0;
    for (const double value : values) mean += (value - middle) / 1000;
    for (const double value : values) variance += (value - middle - mean) * (value - middle - mean) / 1000;
    EXPECT_NEAR(group.axes()[0].mean() - middle, mean, 2e-6);
    EXPECT_NEAR(group.axes()[0].variance(), variance, variance * 1e-3);
  }
}

}  // namespace
}  // namespace nudge::segments
