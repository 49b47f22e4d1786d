// Weights for all rows of a window at once, and margins of these rows by weights that did not see them.
//
// How strongly weights are drawn to 0 is chosen by the rows: each candidate of λ1 is fitted without each fold, and the
// one whose log loss on the rows left out is least is taken; the lower of equals. A shop of few sessions and many
// columns needs a strong one, else most of what tells customers apart is chance.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/scores/basis.h"
#include "operators/scores/ftrl.h"

namespace nudge::scores {

inline constexpr std::uint8_t kRefitFolds = 3;

struct RefitRow {
  std::uint8_t fold = 0;  // below kRefitFolds
  bool label = false;
  float weight = 1;
};

struct Refit {
  Ftrl weights;
  double l1 = 0;                   // that was chosen
  std::vector<double> margins;     // of each row, by weights that saw none of its fold
  std::vector<float> input_means;  // over the rows
};

// `values` are row-major, as the basis was fitted to them; there is at least one row. No candidate lies below
// `rates.l1`.
Refit refit_weights(const Basis& basis, std::span<const float> values, std::span<const RefitRow> rows,
                    const FtrlRates& rates);

}  // namespace nudge::scores
