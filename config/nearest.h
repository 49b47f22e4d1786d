// "Did you mean": the known names that a mistyped one may stand for.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nudge::config {

// Insertions, deletions, replacements and swaps of neighbours that lead from one name to the other (optimal string
// alignment). Letters are compared without case, and `-` equals `_`.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of the names, at most three, in their given order; none where even the nearest is too far.
std::vector<std::string_view> nearest(std::string_view name, std::span<const std::string_view> names);

// `did you mean "gap"?`, or `expected one of a, b, c` where no name is near (at most twelve).
std::string suggestion(std::string_view name, std::span<const std::string_view> names);

}  // namespace nudge::config
