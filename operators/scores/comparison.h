// Whether one of two models loses less than the other, asked again after every block of rows for as long as one likes.
//
// A block gives one number: how much more the first model lost in it than the second, on average (Brier, so between −1
// and 1). Rows of a block share what happened then; blocks are far enough apart in time that what was said in one was
// said when all of the one before was known. So a block is the unit, however many rows it has.
//
// The interval is a confidence sequence for the mean of normal values of unknown variance: Lai, "On confidence
// sequences" (1976); as a mixture martingale, Wang & Ramdas, "Anytime-valid t-tests and confidence sequences for
// Gaussian means with unknown variance" (2025). With X₁…Xₙ less a supposed mean, S = ΣX, V = ΣX²,
//
//   M = √(c² / (n + c²)) · (V / (V − S² / (n + c²)))^(n/2)
//
// has the mean 1 for any variance, so it reaches 1/α ever with a probability of at most α (Ville); the means for which
// it has not are the interval. A block is the mean of a hundred rows or more, hence nearly normal. What such losses are
// bounded by is a hundred times as wide as they spread: sequences that know the bound alone decide nothing in years.
#pragma once

#include <cstdint>

#include "state/codec.h"

namespace nudge::scores {

class Comparison {
 public:
  // Before there are so many blocks it says nothing: sums of hundreds of rows are only nearly normal.
  static constexpr std::uint64_t kBlocksLeast = 6;

  void add(double difference);

  struct Interval {
    double mean = 0, low = -1, high = 1;
  };
  // Of the mean difference; at any time, and at all of them together, it is wrong with a probability of at most
  // `error`.
  Interval interval(double error) const;
  std::uint64_t blocks() const { return blocks_; }

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  std::uint64_t blocks_ = 0;
  double mean_ = 0, squares_ = 0;  // Welford's: the sum of squares about the mean
};

}  // namespace nudge::scores
