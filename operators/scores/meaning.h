// What the margins of a model mean, as rows with known labels tell: the calibration, and between which probabilities
// the truth lies.
#pragma once

#include <cstddef>
#include <vector>

#include "operators/scores/calibration.h"
#include "operators/scores/venn_abers.h"
#include "state/codec.h"

namespace nudge::scores {

struct Meaning {
  Calibration calibration;
  VennAbers bounds;

  void encode(Encoder& out) const;
  void decode(Decoder& in);
};

// Takes the rows of a window from the newest to the oldest: the newest count most, weights halve over a quarter of the
// window. Rows whose margins lie close together are one cell with their mean margin, so a fit costs next to nothing.
class MarginCells {
 public:
  // `window`: of how many rows.
  explicit MarginCells(std::size_t window);

  // The next older row. The margin must come from a model that did not know the row's label.
  void add(double margin, double weight, bool label);
  Meaning meaning() const;

 private:
  struct Cell {
    double weight[2] = {0, 0}, margins[2] = {0, 0};
  };
  std::vector<Cell> cells_;
  double fading_, age_weight_ = 1;
};

}  // namespace nudge::scores
