#include "tools/nudge/evaluate/segments.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/hash.h"
#include "operators/scores/features.h"

namespace nudge::evaluate {
namespace {

constexpr std::size_t kRoundsMost = 50, kAutoLeast = 2, kAutoMost = 8, kFeaturesTold = 2;
constexpr std::uint64_t kSeed = 0x5e65;

using Point = std::vector<double>;

// A coordinate for each number, and one for each text that occurs; each feature's spread is 1.
class Space {
 public:
  explicit Space(const Dataset& data) : data_(data) {
    for (std::size_t feature = 0; feature < data.features.size(); ++feature) add(feature);
  }

  std::size_t size() const { return size_; }
  Point point(std::size_t row) const {
    Point point(size_);
    for (std::size_t feature = 0; feature < axes_.size(); ++feature) {
      const Axis& axis = axes_[feature];
      const float value = data_.rows.row(row)[feature];
      if (std::isnan(value)) continue;
      if (!axis.text)
        point[axis.first] = (axis.place(value) - axis.mean[0]) * axis.scale;
      else
        for (std::size_t bucket = 0; bucket < axis.mean.size(); ++bucket)
          point[axis.first + bucket] =
              ((static_cast<std::size_t>(value) == bucket ? 1.0 : 0.0) - axis.mean[bucket]) * axis.scale;
    }
    return point;
  }

  // Where a segment's mean lies farthest from that of all rows.
  std::string describe(const Point& centre) const {
    std::vector<std::pair<double, std::string>> told;
    for (std::size_t feature = 0; feature < axes_.size(); ++feature) {
      const Axis& axis = axes_[feature];
      const std::string& name = data_.features[feature].name;
      double squares = 0;
      std::size_t most = 0;
      for (std::size_t at = 0; at < axis.mean.size(); ++at) {
        squares += centre[axis.first + at] * centre[axis.first + at];
        if (centre[axis.first + at] > centre[axis.first + most]) most = at;
      }
      if (!axis.text)
        told.emplace_back(squares, (centre[axis.first] > 0 ? "high " : "low ") + name);
      else
        told.emplace_back(squares, name + " = " + data_.features[feature].buckets[most]);
    }
    std::stable_sort(told.begin(), told.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (std::size_t at = 0; at < std::min(told.size(), kFeaturesTold); ++at)
      text += (at == 0 ? "" : ", ") + told[at].second;
    return text;
  }

 private:
  struct Axis {
    bool text = false;
    std::size_t first = 0;
    std::vector<float> sorted = {};  // the known numbers
    std::vector<double> mean = {};   // of a number's place; of each bucket's share
    double scale = 1;

    // From 0 to 1: the share of known rows below, and half of those that are equal.
    double place(float value) const {
      const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), value);
      return 0.5 * static_cast<double>((low - sorted.begin()) + (high - sorted.begin())) /
             static_cast<double>(sorted.size());
    }
  };

  void add(std::size_t feature) {
    Axis& axis = axes_.emplace_back(Axis{.text = data_.rows.texts[feature], .first = size_});
    std::vector<float> known;
    for (std::size_t row = 0; row < data_.rows.size(); ++row)
      if (const float value = data_.rows.row(row)[feature]; !std::isnan(value)) known.push_back(value);
    const double n = static_cast<double>(known.size());
    double variance = 0;
    if (axis.text) {
      axis.mean.resize(data_.features[feature].buckets.size());
      for (const float value : known) axis.mean[static_cast<std::size_t>(value)] += 1 / n;
      for (const double share : axis.mean) variance += share * (1 - share);
    } else {
      axis.sorted = known;
      std::sort(axis.sorted.begin(), axis.sorted.end());
      axis.mean = {0.5};
      for (const float value : known) variance += (axis.place(value) - 0.5) * (axis.place(value) - 0.5) / n;
    }
    axis.scale = variance > 0 ? 1 / std::sqrt(variance) : 0;
    size_ += axis.mean.size();
  }

  const Dataset& data_;
  std::vector<Axis> axes_;
  std::size_t size_ = 0;
};

double distance2(const Point& a, const Point& b) {
  double sum = 0;
  for (std::size_t at = 0; at < a.size(); ++at) sum += (a[at] - b[at]) * (a[at] - b[at]);
  return sum;
}

struct Clustering {
  std::vector<std::uint8_t> of_rows;
  std::vector<Point> centres;
  double davies_bouldin = 0;
};

std::size_t nearest(const std::vector<Point>& centres, const Point& point) {
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t centre = 0; centre < centres.size(); ++centre)
    if (const double distance = distance2(centres[centre], point); distance < least) {
      least = distance;
      best = centre;
    }
  return best;
}

// k-means++: each next centre is a row, drawn by its squared distance from the centres so far.
std::vector<Point> first_centres(const std::vector<Point>& points, std::size_t count) {
  std::vector<Point> centres = {points[mix(kSeed, count) % points.size()]};
  std::vector<double> distances(points.size(), std::numeric_limits<double>::infinity());
  while (centres.size() < count) {
    double sum = 0;
    for (std::size_t row = 0; row < points.size(); ++row)
      sum += distances[row] = std::min(distances[row], distance2(points[row], centres.back()));
    if (!(sum > 0)) break;  // there are no more different rows
    double left = unit_interval(mix(mix(kSeed, count), centres.size())) * sum;
    std::size_t chosen = 0;
    for (std::size_t row = 0; row < points.size(); ++row) {
      if (distances[row] > 0) chosen = row;
      left -= distances[row];
      if (left < 0) break;
    }
    centres.push_back(points[chosen]);
  }
  return centres;
}

double davies_bouldin(const Clustering& made, const std::vector<Point>& points) {
  const std::size_t count = made.centres.size();
  std::vector<double> spread(count), size(count);
  for (std::size_t row = 0; row < points.size(); ++row) {
    spread[made.of_rows[row]] += std::sqrt(distance2(points[row], made.centres[made.of_rows[row]]));
    size[made.of_rows[row]] += 1;
  }
  double sum = 0;
  for (std::size_t one = 0; one < count; ++one) {
    double worst = 0;
    for (std::size_t other = 0; other < count; ++other) {
      const double apart = std::sqrt(distance2(made.centres[one], made.centres[other]));
      if (one != other && apart > 0)
        worst = std::max(worst, (spread[one] / size[one] + spread[other] / size[other]) / apart);
    }
    sum += worst;
  }
  return sum / static_cast<double>(count);
}

Clustering cluster(const std::vector<Point>& points, std::size_t count) {
  Clustering made{.of_rows = std::vector<std::uint8_t>(points.size()), .centres = first_centres(points, count)};
  for (std::size_t round = 0; round < kRoundsMost; ++round) {
    bool moved = false;
    std::vector<Point> sums(made.centres.size(), Point(points.front().size()));
    std::vector<double> sizes(made.centres.size());
    for (std::size_t row = 0; row < points.size(); ++row) {
      const auto own = static_cast<std::uint8_t>(nearest(made.centres, points[row]));
      moved |= round == 0 || own != made.of_rows[row];
      made.of_rows[row] = own;
      sizes[own] += 1;
      for (std::size_t at = 0; at < sums[own].size(); ++at) sums[own][at] += points[row][at];
    }
    if (!moved) break;
    for (std::size_t centre = 0; centre < sums.size(); ++centre)
      for (std::size_t at = 0; sizes[centre] > 0 && at < sums[centre].size(); ++at)
        made.centres[centre][at] = sums[centre][at] / sizes[centre];
  }
  made.davies_bouldin = davies_bouldin(made, points);
  return made;
}

}  // namespace

Result<SegmentChoice> parse_segments(std::string_view text) {
  if (text == "auto") return SegmentChoice{};
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 2 || count > kSegmentsMost)
    return Status::usage(
        fmt::format("--segments: \"{}\" is no number of segments; write 2 to {}, or auto", text, kSegmentsMost));
  return SegmentChoice{count};
}

Segments make_segments(const Dataset& data, const SegmentChoice& choice) {
  const Space space(data);
  std::vector<Point> points;
  for (std::size_t row = 0; row < data.rows.size(); ++row) points.push_back(space.point(row));
  const std::size_t least = choice.count > 0 ? choice.count : kAutoLeast;
  const std::size_t most = choice.count > 0 ? choice.count : kAutoMost;
  Clustering best;
  for (std::size_t count = least; count <= most; ++count) {
    Clustering made = cluster(points, count);
    if (best.centres.empty() || made.davies_bouldin < best.davies_bouldin) best = std::move(made);
  }
  std::vector<std::size_t> sizes(best.centres.size()), order(best.centres.size());
  for (const std::uint8_t own : best.of_rows) sizes[own] += 1;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  Segments segments{.of_rows = {}, .descriptions = {}, .davies_bouldin = best.davies_bouldin};
  std::vector<std::uint8_t> place(order.size());
  for (std::size_t at = 0; at < order.size(); ++at) {
    place[order[at]] = static_cast<std::uint8_t>(at);
    segments.descriptions.push_back(space.describe(best.centres[order[at]]));
  }
  for (const std::uint8_t own : best.of_rows) segments.of_rows.push_back(place[own]);
  return segments;
}

}  // namespace nudge::evaluate
