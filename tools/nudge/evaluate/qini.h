// How well an order of rows puts those first whom a treatment sways: the Qini curve (Radcliffe 2007), as scikit-uplift
// defines its `qini_auc_score`.
//
// From the highest uplift down, after n rows with t treated and c untreated ones, the curve is the labels that are true
// among the treated less t/c times those among the untreated. The figure is the area between the curve and a straight
// line to its end, as a share of that of the order that nobody can beat: treated and true first, untreated and true
// last.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace nudge::evaluate {

struct UpliftRow {
  double uplift = 0;
  bool label = false, treated = false;
};

class Qini {
 public:
  explicit Qini(std::span<const UpliftRow> rows);

  // Nothing where no order is better than chance: no treated or untreated rows, or no labels that are true.
  // With `counts`, as many as rows: each row as often as it says.
  std::optional<double> area(std::span<const std::uint8_t> counts = {}) const;

 private:
  struct Placed {
    std::uint32_t row = 0;
    bool label = false, treated = false;
    bool is_last = false;  // of those with the same uplift
  };
  std::vector<Placed> rows_;  // from the highest uplift down
};

}  // namespace nudge::evaluate
