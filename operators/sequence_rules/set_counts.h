// How often and when one set of items followed another in a segment: the same figures as of pairs, counted rule by
// rule.
//
// A purchase in a spell ends it if it has all of the consequent that was not bought in the spell before: so it is
// expected to by the share of the segment's purchases of that week that have all of that.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "operators/sequence_rules/gap_figures.h"
#include "operators/sequence_rules/occurrences.h"
#include "operators/sequence_rules/set_spells.h"
#include "operators/sequence_rules/sparse_counts.h"

namespace nudge::sequence_rules {

class SetCounts {
 public:
  // `occurrences` must outlive it.
  explicit SetCounts(const Occurrences& occurrences);

  // Of purchases up to the clock's `until`; shares are those of all purchases. No item is on both sides.
  GapFigures figures(std::span<const Item> antecedent, std::span<const Item> consequent, const Clock& clock);

 private:
  using Weeks = std::map<std::int32_t, std::int64_t>;
  // Purchases that have all of the items, by week.
  const Weeks& weeks_with(const std::vector<Item>& items);

  const Occurrences& occurrences_;
  Weeks weeks_;  // of all purchases
  std::map<std::vector<Item>, Weeks> weeks_with_;
};

}  // namespace nudge::sequence_rules
