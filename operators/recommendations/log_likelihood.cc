#include "operators/recommendations/log_likelihood.h"

#include <algorithm>

#include "engine/portable_math.h"

namespace nudge::recommendations {
namespace {

// n · ln n
double n_log_n(std::int64_t n) {
  const auto count = static_cast<double>(n);
  return n > 0 ? count * portable::log(count) : 0;
}

}  // namespace

double log_likelihood_ratio(std::int64_t both, std::int64_t first, std::int64_t second, std::int64_t all) {
  const std::int64_t only_first = first - both, only_second = second - both;
  const std::int64_t neither = all - first - only_second;
  // In 128 bits: each is up to the number of customers.
  if (static_cast<__int128>(both) * all <= static_cast<__int128>(first) * second) return 0;
  const double cells = n_log_n(both) + n_log_n(only_first) + n_log_n(only_second) + n_log_n(neither);
  const double margins = n_log_n(first) + n_log_n(all - first) + n_log_n(second) + n_log_n(all - second);
  return std::max(0.0, 2 * (cells - margins + n_log_n(all)));
}

}  // namespace nudge::recommendations
