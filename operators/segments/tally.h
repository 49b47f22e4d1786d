// The members of each segment, summed exactly: how many, their value and margin, where they lie, and how far from a
// given point. Sums of numbers in units of 2^-40, so the order of members and tasks does not show.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/decimal.h"
#include "operators/segments/cluster_feature.h"
#include "operators/segments/weighted_points.h"

namespace nudge::segments {

struct SegmentTally {
  std::int64_t members = 0, margins = 0;  // `margins`: those whose margin is known
  Nano value = 0, margin = 0;
  std::vector<Int128> z;
  Int128 distance = 0;
  bool operator==(const SegmentTally&) const = default;
};

class Tally {
 public:
  Tally() = default;
  Tally(std::size_t segments, std::size_t features) : segments_(segments) {
    for (SegmentTally& each : segments_) each.z.resize(features);
  }

  void add(std::size_t segment, const Point& point, std::span<const double> z, double distance);
  // An empty one becomes the other.
  void merge(const Tally& other);

  std::span<const SegmentTally> segments() const { return segments_; }
  std::int64_t members() const;
  // Of a segment without members: as in `otherwise`.
  Centres means(const Centres& otherwise) const;
  // The mean distance of each segment's members; −1 without any.
  std::vector<double> scatter() const;

  void encode(Encoder& out) const;
  bool decode(Decoder& in);
  bool operator==(const Tally&) const = default;

 private:
  std::vector<SegmentTally> segments_;
};

}  // namespace nudge::segments
