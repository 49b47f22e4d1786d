#include "operators/recommendations/replenishment.h"

#include <algorithm>

namespace nudge::recommendations {

Millis median_gap(std::vector<Gap>& gaps) {
  // Of equal lengths those that are over come first: who is censored there was at risk.
  std::sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) {
    return a.length != b.length ? a.length < b.length : a.is_over && !b.is_over;
  });
  double survival = 1;
  for (std::size_t i = 0; i < gaps.size();) {
    const auto at_risk = static_cast<double>(gaps.size() - i);
    std::size_t over = 0;
    const Millis length = gaps[i].length;
    for (; i < gaps.size() && gaps[i].length == length; ++i) over += gaps[i].is_over ? 1 : 0;
    survival *= 1 - static_cast<double>(over) / at_risk;
    // Half, in spite of rounding.
    if (over > 0 && survival <= 0.5 + 1e-12) return length;
  }
  return kNever;
}

}  // namespace nudge::recommendations
