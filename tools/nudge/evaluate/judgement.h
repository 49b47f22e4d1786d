// How good predictions were: what people of the field ask of a classifier, from the rows that were tested.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "operators/scores/quality.h"

namespace nudge::evaluate {

// What a model said of a tested row.
struct Prediction {
  std::uint32_t row = 0;
  std::int32_t probability_micro = 0;  // calibrated, on the 1e-6 grid
  bool at_half = false;                // chosen at a threshold of .5
  bool at_threshold = false;           // at the threshold that the training part chose
};

// Counts of rows by what they are and what was said of them.
struct Confusion {
  std::uint64_t true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;

  void add(bool label, bool chosen);
  // The mean of both classes' shares that were told rightly; nothing without one of the classes.
  std::optional<double> balanced_accuracy() const;
};

// Rows of like probability.
struct CalibrationBin {
  std::uint64_t n = 0;
  double predicted = 0, actual = 0;  // means
};

struct Judgement {
  scores::Quality quality;
  Confusion at_half, at_threshold;
  std::vector<CalibrationBin> calibration;  // in order of probability, of equal count but for ties
};

// The band is that of hesitant customers, both ends included.
inline constexpr double kBandLow = 0.15, kBandHigh = 0.5;

Judgement judge(std::span<const Prediction> predictions, std::span<const std::uint8_t> labels);

// A row whose class is known, for the choice of a threshold.
struct Scored {
  double score = 0;
  bool label = false;
};
// The highest score at and above which to choose rows, so that their balanced accuracy is not significantly below the
// best that any threshold reaches (one-sided, 5 %, by the rows that the two thresholds judge differently). Where rows
// tell little, few are chosen; where many tell, the threshold is all but the best one.
double cautious_threshold(std::vector<Scored> rows);

}  // namespace nudge::evaluate
