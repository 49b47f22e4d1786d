#include "operators/segments/cluster_feature.h"

#include <algorithm>
#include <cmath>

#include "engine/check.h"
#include "operators/segments/feature_space.h"

namespace nudge::segments {
namespace {

constexpr double kFixedMost = static_cast<double>(Fixed{1} << 50);

}  // namespace

Fixed to_fixed(double y) {
  if (y != y) return kUnknown;
  return std::llround(std::clamp(y * (1 << kFractionBits), -kFixedMost, kFixedMost));
}

void Point::encode(Encoder& out) const {
  out.varint(y.size());
  for (const Fixed each : y) out.zigzag(each);
  out.zigzag128(value);
  out.boolean(has_margin);
  if (has_margin) out.zigzag128(margin);
}

bool Point::decode(Decoder& in) {
  y.resize(in.count());
  for (Fixed& each : y) each = in.zigzag();
  value = in.zigzag128();
  has_margin = in.boolean();
  margin = has_margin ? in.zigzag128() : 0;
  return in.ok() && y.size() <= kFeaturesMax;
}

double ClusterFeature::Axis::mean() const {
  return known == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(known) / (1 << kFractionBits);
}

double ClusterFeature::Axis::variance() const {
  if (known <= 0) return 0;
  // Around the whole number next to the mean, exactly; the rest of the mean is less than one.
  const Int128 middle = sum / known, rest = sum - middle * known;
  const Int128 around = squares - middle * sum - middle * rest;
  const double n = static_cast<double>(known), off = static_cast<double>(rest) / n;
  constexpr double kUnit = static_cast<double>(Int128{1} << (2 * kFractionBits));
  return std::max(0.0, (static_cast<double>(around) / n - off * off) / kUnit);
}

void ClusterFeature::change(const Point& point, int sign) {
  NUDGE_CHECK(point.y.size() == axes_.size(), "a point of this space");
  count_ += sign;
  for (std::size_t j = 0; j < axes_.size(); ++j) {
    if (point.y[j] == kUnknown) continue;
    axes_[j].known += sign;
    axes_[j].sum += sign * static_cast<Int128>(point.y[j]);
    axes_[j].squares += sign * static_cast<Int128>(point.y[j]) * point.y[j];
  }
  value_ += sign * point.value;
  if (!point.has_margin) return;
  margin_ += sign * point.margin;
  margins_ += sign;
}

void ClusterFeature::merge(const ClusterFeature& other) {
  NUDGE_CHECK(other.axes_.size() == axes_.size(), "groups of one space");
  count_ += other.count_;
  for (std::size_t j = 0; j < axes_.size(); ++j) {
    axes_[j].known += other.axes_[j].known;
    axes_[j].sum += other.axes_[j].sum;
    axes_[j].squares += other.axes_[j].squares;
  }
  value_ += other.value_;
  margin_ += other.margin_;
  margins_ += other.margins_;
}

void ClusterFeature::encode(Encoder& out) const {
  out.zigzag(count_);
  out.varint(axes_.size());
  for (const Axis& axis : axes_) {
    out.zigzag(axis.known);
    out.zigzag128(axis.sum);
    out.zigzag128(axis.squares);
  }
  out.zigzag128(value_);
  out.zigzag128(margin_);
  out.zigzag(margins_);
}

bool ClusterFeature::decode(Decoder& in) {
  count_ = in.zigzag();
  axes_.resize(in.count(3));
  for (Axis& axis : axes_) {
    axis.known = in.zigzag();
    axis.sum = in.zigzag128();
    axis.squares = in.zigzag128();
  }
  value_ = in.zigzag128();
  margin_ = in.zigzag128();
  margins_ = in.zigzag();
  return in.ok() && axes_.size() <= kFeaturesMax;
}

}  // namespace nudge::segments
