#include "operators/segments/tally.h"

#include <algorithm>

#include "engine/check.h"

namespace nudge::segments {
namespace {

constexpr double kUnit = 0x1.0p40;
// Beyond any distance that means something; the product stays within 128 bits for 2^40 members.
constexpr double kMost = 0x1.0p46;

Int128 fixed(double x) { return static_cast<Int128>(std::clamp(x, -kMost, kMost) * kUnit); }
double real(Int128 x) { return static_cast<double>(x) / kUnit; }

}  // namespace

void Tally::add(std::size_t segment, const Point& point, std::span<const double> z, double distance) {
  SegmentTally& tally = segments_[segment];
  ++tally.members;
  tally.value += point.value;
  if (point.has_margin) {
    ++tally.margins;
    tally.margin += point.margin;
  }
  for (std::size_t j = 0; j < z.size(); ++j) tally.z[j] += fixed(z[j]);
  tally.distance += fixed(distance);
}

void Tally::merge(const Tally& other) {
  if (segments_.empty()) {
    *this = other;
    return;
  }
  if (other.segments_.empty()) return;
  NUDGE_CHECK(segments_.size() == other.segments_.size(), "tallies of one model");
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    SegmentTally& into = segments_[i];
    const SegmentTally& from = other.segments_[i];
    into.members += from.members;
    into.margins += from.margins;
    into.value += from.value;
    into.margin += from.margin;
    into.distance += from.distance;
    for (std::size_t j = 0; j < into.z.size(); ++j) into.z[j] += from.z[j];
  }
}

std::int64_t Tally::members() const {
  std::int64_t members = 0;
  for (const SegmentTally& each : segments_) members += each.members;
  return members;
}

Centres Tally::means(const Centres& otherwise) const {
  Centres means = otherwise;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i].members == 0) continue;
    for (std::size_t j = 0; j < means.dimensions; ++j)
      means.row(i)[j] = real(segments_[i].z[j]) / static_cast<double>(segments_[i].members);
  }
  return means;
}

std::vector<double> Tally::scatter() const {
  std::vector<double> scatter;
  for (const SegmentTally& each : segments_)
    scatter.push_back(each.members == 0 ? -1 : real(each.distance) / static_cast<double>(each.members));
  return scatter;
}

void Tally::encode(Encoder& out) const {
  out.varint(segments_.size());
  out.varint(segments_.empty() ? 0 : segments_.front().z.size());
  for (const SegmentTally& each : segments_) {
    out.zigzag(each.members);
    out.zigzag(each.margins);
    out.zigzag128(each.value);
    out.zigzag128(each.margin);
    out.zigzag128(each.distance);
    for (const Int128 z : each.z) out.zigzag128(z);
  }
}

bool Tally::decode(Decoder& in) {
  segments_.assign(in.count(), {});
  const std::size_t features = in.varint();
  if (!in.ok() || features > 1'000 || segments_.size() > 1'000) return false;
  for (SegmentTally& each : segments_) {
    each.members = in.zigzag();
    each.margins = in.zigzag();
    each.value = in.zigzag128();
    each.margin = in.zigzag128();
    each.distance = in.zigzag128();
    each.z.resize(features);
    for (Int128& z : each.z) z = in.zigzag128();
  }
  return in.ok();
}

}  // namespace nudge::segments
