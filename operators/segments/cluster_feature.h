// What a group of entities is known by: how many they are, and of each feature the sum and the sum of squares of its
// transformed values, in fixed point (Zhang, Ramakrishnan & Livny, BIRCH, SIGMOD 1996).
//
// All integers: entities come and go in any order and leave nothing behind, and groups are merged exactly.
#pragma once

#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <limits>
#include <span>

#include "engine/decimal.h"
#include "state/codec.h"

namespace nudge::segments {

// An entity's transformed values in units of 2^-20, at most 2^50 of them in size.
inline constexpr int kFractionBits = 20;
using Fixed = std::int64_t;
inline constexpr Fixed kUnknown = std::numeric_limits<Fixed>::min();
Fixed to_fixed(double y);  // NaN is unknown
inline double to_double(Fixed y) { return static_cast<double>(y) / (1 << kFractionBits); }

struct Point {
  absl::InlinedVector<Fixed, 6> y;
  Nano value = 0, margin = 0;
  bool has_margin = false;

  bool operator==(const Point&) const = default;
  void encode(Encoder& out) const;
  // False where the bytes are none that encode() wrote.
  bool decode(Decoder& in);
};

class ClusterFeature {
 public:
  struct Axis {
    std::int64_t known = 0;
    Int128 sum = 0, squares = 0;
    bool operator==(const Axis&) const = default;
    // Of the known values, in transformed units; 0 without any.
    double mean() const;
    double variance() const;  // divided by their number
  };

  ClusterFeature() = default;
  explicit ClusterFeature(std::size_t features) : axes_(features) {}

  void add(const Point& point) { change(point, 1); }
  void remove(const Point& point) { change(point, -1); }
  void merge(const ClusterFeature& other);

  std::int64_t count() const { return count_; }
  std::span<const Axis> axes() const { return axes_; }
  Nano value() const { return value_; }
  Nano margin() const { return margin_; }            // of those whose margin is known
  std::int64_t margins() const { return margins_; }  // how many these are
  bool is_zero() const { return *this == ClusterFeature(axes_.size()); }

  void encode(Encoder& out) const;
  bool decode(Decoder& in);
  bool operator==(const ClusterFeature&) const = default;

 private:
  void change(const Point& point, int sign);

  std::int64_t count_ = 0;
  absl::InlinedVector<Axis, 4> axes_;
  Nano value_ = 0, margin_ = 0;
  std::int64_t margins_ = 0;
};

}  // namespace nudge::segments
