// Whether the mean of a stream has risen: Page-Hinkley's test (Page 1954; Gama et al., "A survey on concept drift
// adaptation", 2014), with the usual settings.
//
// m(t) = f · m(t − 1) + x(t) − mean(t) − tolerance; a rise is told where m − min m passes the threshold, and the test
// begins anew.
#pragma once

#include <algorithm>
#include <cstdint>

#include "state/codec.h"

namespace nudge::scores {

class PageHinkley {
 public:
  static constexpr double kTolerance = 0.005, kThreshold = 50, kFading = 0.9999;
  static constexpr std::uint64_t kValuesLeast = 30;

  // True where the mean has risen.
  bool add(double value) {
    size_ += 1;
    mean_ += (value - mean_) / static_cast<double>(size_);
    sum_ = kFading * sum_ + value - mean_ - kTolerance;
    least_ = std::min(least_, sum_);
    if (size_ < kValuesLeast || sum_ - least_ <= kThreshold) return false;
    *this = {};
    return true;
  }
  // How far the way to the threshold is.
  double excess() const { return sum_ - least_; }

  void encode(Encoder& out) const {
    out.varint(size_);
    out.real(mean_);
    out.real(sum_);
    out.real(least_);
  }
  void decode(Decoder& in) {
    size_ = in.varint();
    mean_ = in.real();
    sum_ = in.real();
    least_ = in.real();
  }

 private:
  std::uint64_t size_ = 0;
  double mean_ = 0, sum_ = 0, least_ = 0;
};

}  // namespace nudge::scores
