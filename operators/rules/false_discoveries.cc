#include "operators/rules/false_discoveries.h"

#include <algorithm>
#include <numeric>

#include "engine/portable_math.h"

namespace nudge::rules {
namespace {

// Places in the order of their values, the least first.
std::vector<std::size_t> rising(std::span<const double> values) {
  std::vector<std::size_t> places(values.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return places;
}

}  // namespace

std::vector<double> log_q_values(std::span<const double> log_p, std::size_t family) {
  const std::vector<std::size_t> places = rising(log_p);
  std::vector<double> log_q(log_p.size());
  double least = 0;
  for (std::size_t rank = places.size(); rank > 0; --rank) {
    const double scale = static_cast<double>(family) / static_cast<double>(rank);
    least = std::min(least, log_p[places[rank - 1]] + portable::log(scale));
    log_q[places[rank - 1]] = least;
  }
  return log_q;
}

std::vector<bool> held_by_e_values(std::span<const double> log_e, double fdr) {
  const std::vector<std::size_t> places = rising(log_e);
  std::vector<bool> held(log_e.size());
  const auto family = static_cast<double>(places.size());
  // From the k greatest e-values on, for the greatest k that can be.
  for (std::size_t first = 0; first < places.size(); ++first) {
    const auto k = static_cast<double>(places.size() - first);
    if (log_e[places[first]] < portable::log(family / (fdr * k))) continue;
    for (std::size_t i = first; i < places.size(); ++i) held[places[i]] = true;
    break;
  }
  return held;
}

}  // namespace nudge::rules
