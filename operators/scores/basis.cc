#include "operators/scores/basis.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nudge::scores {
namespace {

constexpr std::array<double, kKnotsMax> kQuantiles = {0.002, 0.02, 0.05, 0.1,  0.2, 0.3,  0.4,  0.5,
                                                      0.6,   0.7,  0.8,  0.85, 0.9, 0.95, 0.98, 0.998};

FeatureBasis fit_number(std::vector<float>& known) {
  FeatureBasis basis;
  if (known.empty()) return basis;
  std::sort(known.begin(), known.end());
  // Few distinct values: each is a knot, so that a count's every value has its own weight.
  std::vector<float> distinct;
  const std::size_t low = static_cast<std::size_t>(0.002 * static_cast<double>(known.size() - 1));
  const std::size_t high = known.size() - 1 - low;
  for (std::size_t i = low; i <= high && distinct.size() <= kKnotsMax; ++i)
    if (distinct.empty() || known[i] != distinct.back()) distinct.push_back(known[i]);
  if (distinct.size() <= kKnotsMax) {
    basis.knots = std::move(distinct);
  } else {
    for (const double quantile : kQuantiles) {
      const float knot = known[static_cast<std::size_t>(quantile * static_cast<double>(known.size() - 1) + 0.5)];
      if (basis.knots.empty() || knot > basis.knots.back()) basis.knots.push_back(knot);
    }
  }
  double sum = 0, squares = 0;
  for (const float value : known) sum += std::clamp(value, basis.knots.front(), basis.knots.back());
  const double mean = sum / static_cast<double>(known.size());
  for (const float value : known) {
    const double away = std::clamp(value, basis.knots.front(), basis.knots.back()) - mean;
    squares += away * away;
  }
  basis.mean = static_cast<float>(mean);
  basis.scale = static_cast<float>(std::sqrt(squares / static_cast<double>(known.size())));
  if (!(basis.scale > 0)) basis.scale = 1;
  return basis;
}

}  // namespace

Basis::Basis(std::span<const float> rows, const std::vector<bool>& texts) {
  const std::size_t width = texts.size();
  std::vector<float> known;
  for (std::size_t feature = 0; feature < width; ++feature) {
    known.clear();
    for (std::size_t at = feature; at < rows.size(); at += width)
      if (!std::isnan(rows[at])) known.push_back(rows[at]);
    features_.push_back(texts[feature] ? FeatureBasis{.text = true} : fit_number(known));
    features_.back().unknown = !known.empty() && known.size() < rows.size() / width;
  }
  number_inputs();
}

void Basis::number_inputs() {
  inputs_ = 1;
  for (FeatureBasis& feature : features_) {
    feature.first = static_cast<std::uint32_t>(inputs_);
    inputs_ += feature.inputs();
  }
}

void Basis::terms(std::span<const float> row, std::vector<Term>& terms) const {
  terms.clear();
  terms.push_back({0, 1.0f});
  for (std::size_t i = 0; i < features_.size(); ++i) {
    const FeatureBasis& feature = features_[i];
    if (std::isnan(row[i])) {
      if (feature.unknown) terms.push_back({feature.first, 1.0f});
      continue;
    }
    if (feature.text) {
      terms.push_back({feature.first + 1 + static_cast<std::uint32_t>(row[i]), 1.0f});
      continue;
    }
    if (!feature.varies()) continue;
    const float linear = (std::clamp(row[i], feature.low(), feature.high()) - feature.mean) / feature.scale;
    if (linear != 0) terms.push_back({feature.linear(), linear});
    const float value = std::clamp(row[i], feature.knots.front(), feature.knots.back());
    // Counted, not searched for: a branch for each of sixteen knots would be guessed wrong four times.
    std::size_t passed = 0;
    for (const float each : feature.knots) passed += each <= value ? 1 : 0;
    const std::size_t knot = passed - 1;
    const float share = passed == feature.knots.size()
                            ? 0.0f
                            : (value - feature.knots[knot]) / (feature.knots[passed] - feature.knots[knot]);
    terms.push_back({feature.hat(knot), 1.0f - share});
    if (share > 0) terms.push_back({feature.hat(knot + 1), share});
  }
}

void Basis::encode(Encoder& out) const {
  out.varint(features_.size());
  for (const FeatureBasis& feature : features_) {
    out.boolean(feature.text);
    out.boolean(feature.unknown);
    if (feature.text) continue;
    out.real32(feature.mean);
    out.real32(feature.scale);
    out.varint(feature.knots.size());
    for (const float knot : feature.knots) out.real32(knot);
  }
}

void Basis::decode(Decoder& in) {
  features_.assign(in.count(), {});
  for (FeatureBasis& feature : features_) {
    feature.text = in.boolean();
    feature.unknown = in.boolean();
    if (feature.text) continue;
    feature.mean = in.real32();
    feature.scale = in.real32();
    feature.knots.assign(in.count(4), 0);
    for (float& knot : feature.knots) knot = in.real32();
    if (feature.knots.size() > kKnotsMax) in.fail();
  }
  number_inputs();
}

}  // namespace nudge::scores
