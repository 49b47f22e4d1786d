#include "engine/figure.h"

#include <algorithm>

namespace nudge {

void DurationHistogram::observe(double seconds) {
  const auto bound = std::lower_bound(kBoundsSeconds.begin(), kBoundsSeconds.end(), seconds);
  counts_[static_cast<std::size_t>(bound - kBoundsSeconds.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_seconds_.fetch_add(seconds, std::memory_order_relaxed);
}

std::array<std::uint64_t, DurationHistogram::kBoundsSeconds.size() + 1> DurationHistogram::cumulative() const {
  std::array<std::uint64_t, kBoundsSeconds.size() + 1> sums;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = sum += counts_[i].load(std::memory_order_relaxed);
  return sums;
}

}  // namespace nudge
