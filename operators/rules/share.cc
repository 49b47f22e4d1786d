#include "operators/rules/share.h"

#include <algorithm>
#include <cmath>

namespace nudge::rules {

Share Share::of(double value) { return {static_cast<std::int64_t>(std::nearbyint(value * static_cast<double>(kOne)))}; }

std::int64_t Share::least_of(std::int64_t whole) const {
  const Int128 least = (static_cast<Int128>(billionths) * whole + kOne - 1) / kOne;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(least));
}

}  // namespace nudge::rules
