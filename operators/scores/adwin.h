// Whether the mean of a stream has changed: ADWIN (Bifet & Gavaldà, "Learning from time-changing data with adaptive
// windowing", 2007), with their bound by the variance.
//
// The window holds the latest values as buckets of 2^k values each, at most kBucketsOfASize of a size, so memory grows
// with the logarithm of its length. Where two parts of it have means that differ more than chance allows, the older one
// goes.
#pragma once

#include <cstdint>
#include <deque>

#include "state/codec.h"

namespace nudge::scores {

class Adwin {
 public:
  static constexpr std::size_t kBucketsOfASize = 5;
  static constexpr std::uint64_t kValuesBetweenLooks = 32, kPartLeast = 32;

  // `delta` bounds the probability of a false alarm.
  explicit Adwin(double delta = 0.002) : delta_(delta) {}

  // How the mean moved where the window was cut.
  enum class Change : std::uint8_t { kNone, kRise, kFall };
  // A value in [0, 1].
  Change add(double value);

  std::uint64_t size() const { return size_; }
  double mean() const { return size_ == 0 ? 0 : sum_ / static_cast<double>(size_); }

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  struct Bucket {
    std::uint8_t size_log2 = 0;
    double sum = 0, squares = 0;
    std::uint64_t size() const { return std::uint64_t{1} << size_log2; }
  };
  void merge_buckets();
  // Where the older part has another mean, its end; 0: nowhere.
  std::size_t cut() const;
  void forget_oldest();

  double delta_;
  std::deque<Bucket> buckets_;  // the oldest first: sizes fall
  std::uint64_t size_ = 0, since_look_ = 0;
  double sum_ = 0, squares_ = 0;
};

}  // namespace nudge::scores
