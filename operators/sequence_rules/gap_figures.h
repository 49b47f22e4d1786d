// What a rule says of its gaps, by bin.
#pragma once

#include <cstdint>
#include <vector>

namespace nudge::sequence_rules {

struct GapFigures {
  std::vector<std::int64_t> events, at_risk;  // by bin
  std::vector<std::int64_t> open;             // by bin: at risk in it still when the window ended
  std::int64_t spells = 0, ended = 0;
  // The purchases in the spells, and how many of them would have had the consequent by its share in each week.
  std::int64_t met = 0;
  double expected = 0;

  explicit GapFigures(std::int32_t bins = 0)
      : events(static_cast<std::size_t>(bins)), at_risk(events.size()), open(events.size()) {}

  // So many spells; `seen`: how many bins from their start to the window's end. Those at risk in a bin are known once
  // all were added and sum_up() was called.
  void add_ended(std::int32_t bin, std::int64_t n);
  void add_censored(std::int32_t seen, std::int64_t n);
  void sum_up();

  // Kaplan–Meier: d / n, 0 where nobody is at risk.
  double hazard(std::size_t bin) const;
  // That the consequent follows within the horizon.
  double probability() const;
};

}  // namespace nudge::sequence_rules
