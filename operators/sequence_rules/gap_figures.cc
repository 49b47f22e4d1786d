#include "operators/sequence_rules/gap_figures.h"

#include <algorithm>

namespace nudge::sequence_rules {

void GapFigures::add_ended(std::int32_t bin, std::int64_t n) {
  events[static_cast<std::size_t>(bin)] += n;
  at_risk[static_cast<std::size_t>(bin)] += n;
  ended += n;
}

void GapFigures::add_censored(std::int32_t seen, std::int64_t n) {
  const auto place = static_cast<std::size_t>(seen);
  at_risk[std::min(place, at_risk.size() - 1)] += n;
  if (place < open.size()) open[place] += n;
}

void GapFigures::sum_up() {
  for (std::size_t bin = at_risk.size() - 1; bin > 0; --bin) at_risk[bin - 1] += at_risk[bin];
  spells = at_risk[0];
}

double GapFigures::hazard(std::size_t bin) const {
  return at_risk[bin] > 0 ? static_cast<double>(events[bin]) / static_cast<double>(at_risk[bin]) : 0;
}

double GapFigures::probability() const {
  double survives = 1;
  for (std::size_t bin = 0; bin < events.size(); ++bin) survives *= 1 - hazard(bin);
  return 1 - survives;
}

}  // namespace nudge::sequence_rules
