// How many of many findings may be false: corrections over a family of tests.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nudge::rules {

// ln of the q-values of p-values (Benjamini & Hochberg, 1995), both as logarithms, place by place. `family`: of so many
// tests these are the ones with the least p-values.
std::vector<double> log_q_values(std::span<const double> log_p, std::size_t family);

// Which e-values hold with a false discovery rate of at most `fdr` among them, whatever depends on what (e-BH: Wang &
// Ramdas, 2022). Logarithms, place by place.
std::vector<bool> held_by_e_values(std::span<const double> log_e, double fdr);

}  // namespace nudge::rules
