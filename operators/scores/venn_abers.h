// Between which probabilities the truth of a score lies, as far as rows with known labels tell: inductive Venn-Abers
// prediction (Vovk, Petej & Fedorova, "Large-scale probabilistic predictors with and without guarantees of validity",
// 2015).
//
// p0 and p1 are what isotonic regression gives a score that is put among the known rows with the label 0 and 1: p0 <
// p1, and they lie close where many rows are alike. Scores are told apart by cells of equal weight, so a fit costs
// little. Both rise with the score.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/scores/calibration.h"
#include "state/codec.h"

namespace nudge::scores {

struct ProbabilityInterval {
  double p0 = 0, p1 = 1;
};

class VennAbers {
 public:
  static constexpr std::size_t kCellsMost = 128;

  // Of no rows: every score lies between 0 and 1.
  VennAbers() = default;
  // Rows in order of margin. A score weighs as much as a row of weight 1.
  explicit VennAbers(std::span<const CalibrationRow> rows);

  ProbabilityInterval at(double margin) const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  std::vector<double> edges_;                   // between the cells: one less than they are
  std::vector<ProbabilityInterval> intervals_;  // of the cells; none: there are no rows
};

}  // namespace nudge::scores
