// How sure it is that two things go together: Dunning, "Accurate methods for the statistics of surprise and
// coincidence" (Computational Linguistics, 1993).
#pragma once

#include <cstdint>

namespace nudge::recommendations {

// G² of a two-by-two table, by `both`, those with the first, those with the second and all; 0 where the two come
// together no more often than by chance. With nothing to it, it exceeds 10.83 once in 1,000 (chi-squared, one degree of
// freedom).
double log_likelihood_ratio(std::int64_t both, std::int64_t first, std::int64_t second, std::int64_t all);

inline constexpr double kOnceInThousand = 10.83;

}  // namespace nudge::recommendations
