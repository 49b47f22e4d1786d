#include "operators/scores/population.h"

#include <algorithm>
#include <cmath>

#include "engine/portable_math.h"
#include "operators/scores/features.h"

namespace nudge::scores {
namespace {

constexpr std::size_t kTenths = 10, kEdgesMost = 64;
constexpr double kOneInAThousand = 3.09;  // the normal distribution's point
constexpr double kHalfARow = 0.5;         // in each bin more: an empty one has a logarithm too

std::vector<float> edges_of(std::vector<float>& known) {
  std::sort(known.begin(), known.end());
  std::vector<float> edges;
  for (std::size_t tenth = 1; tenth < kTenths && !known.empty(); ++tenth) {
    const float edge = known[known.size() * tenth / kTenths];
    if (edge > known.front() && (edges.empty() || edge > edges.back())) edges.push_back(edge);
  }
  return edges;
}

}  // namespace

std::size_t Population::FeatureBins::bin(float value) const {
  if (std::isnan(value)) return expected.size() - 1;
  if (text) return static_cast<std::size_t>(value);
  return static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), value) - edges.begin());
}

Population::Population(std::span<const float> rows, const std::vector<bool>& texts) {
  const std::size_t width = texts.size();
  std::vector<float> known;
  for (std::size_t feature = 0; feature < width; ++feature) {
    FeatureBins& made = features_.emplace_back(FeatureBins{.text = texts[feature]});
    known.clear();
    for (std::size_t at = feature; !made.text && at < rows.size(); at += width)
      if (!std::isnan(rows[at])) known.push_back(rows[at]);
    made.edges = edges_of(known);
    made.expected.resize((made.text ? kTextBuckets : made.edges.size() + 1) + 1);
    made.actual.resize(made.expected.size());
    for (std::size_t at = feature; at < rows.size(); at += width) made.expected[made.bin(rows[at])] += 1;
  }
  expected_rows_ = width == 0 ? 0 : rows.size() / width;
}

void Population::add(std::span<const float> row) {
  for (std::size_t feature = 0; feature < features_.size(); ++feature)
    features_[feature].actual[features_[feature].bin(row[feature])] += 1;
  actual_rows_ += 1;
}

std::vector<FeatureShift> Population::take_shifts() {
  std::vector<FeatureShift> shifts;
  if (actual_rows_ < kRowsLeast || expected_rows_ < kRowsLeast) return shifts;
  const double share = 1.0 / static_cast<double>(expected_rows_) + 1.0 / static_cast<double>(actual_rows_);
  for (std::size_t feature = 0; feature < features_.size(); ++feature) {
    FeatureBins& bins = features_[feature];
    std::size_t used = 0;
    for (std::size_t bin = 0; bin < bins.actual.size(); ++bin) used += bins.actual[bin] + bins.expected[bin] > 0;
    const double halves = kHalfARow * static_cast<double>(used);
    FeatureShift shift{.feature = feature};
    for (std::size_t bin = 0; bin < bins.actual.size(); ++bin) {
      if (bins.actual[bin] + bins.expected[bin] == 0) continue;
      const double actual = (bins.actual[bin] + kHalfARow) / (static_cast<double>(actual_rows_) + halves);
      const double expected = (bins.expected[bin] + kHalfARow) / (static_cast<double>(expected_rows_) + halves);
      shift.index += (actual - expected) * portable::log(actual / expected);
    }
    const double free = static_cast<double>(used) - 1;
    shift.by_chance = free * share;
    shift.moved = shift.index > std::max(kMoved, (free + kOneInAThousand * std::sqrt(2 * free)) * share);
    shifts.push_back(shift);
    std::fill(bins.actual.begin(), bins.actual.end(), 0u);
  }
  actual_rows_ = 0;
  return shifts;
}

void Population::encode(Encoder& out) const {
  out.varint(expected_rows_);
  out.varint(actual_rows_);
  out.varint(features_.size());
  for (const FeatureBins& bins : features_) {
    out.boolean(bins.text);
    out.varint(bins.edges.size());
    for (const float edge : bins.edges) out.real32(edge);
    for (std::size_t bin = 0; bin < bins.expected.size(); ++bin) {
      out.varint(bins.expected[bin]);
      out.varint(bins.actual[bin]);
    }
  }
}

void Population::decode(Decoder& in) {
  expected_rows_ = in.varint();
  actual_rows_ = in.varint();
  features_.assign(in.count(4), {});
  for (FeatureBins& bins : features_) {
    bins.text = in.boolean();
    bins.edges.assign(in.count(4), 0);
    if (bins.edges.size() > kEdgesMost) return in.fail();
    for (float& edge : bins.edges) edge = in.real32();
    bins.expected.resize((bins.text ? kTextBuckets : bins.edges.size() + 1) + 1);
    bins.actual.resize(bins.expected.size());
    for (std::size_t bin = 0; bin < bins.expected.size(); ++bin) {
      bins.expected[bin] = static_cast<std::uint32_t>(in.varint());
      bins.actual[bin] = static_cast<std::uint32_t>(in.varint());
    }
  }
}

}  // namespace nudge::scores
