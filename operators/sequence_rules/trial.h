// Later sales as evidence of rules: whether, among sales of the same week and of like size, those of customers in a
// spell have the consequent more often.
//
// Of each customer the first purchase of a week counts, so that what has happened before the week says whether it is in
// a spell: if the antecedent has nothing to do with it, how many of these have the consequent is then hypergeometric.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "operators/rules/hypergeometric.h"
#include "operators/sequence_rules/histories.h"

namespace nudge::sequence_rules {

class Trial {
 public:
  // Of the purchases with after < time ≤ clock.until; the spells are those of the clock. `histories` must outlive it.
  Trial(const Histories& histories, const Segment& segment, const Clock& clock, Millis after);

  // For each consequent, the tables of all strata, by rising week and size.
  std::vector<std::vector<Table>> tables(Item antecedent, std::span<const Item> consequents) const;

 private:
  static constexpr std::uint32_t kNoStratum = UINT32_MAX;
  struct Customer {
    std::span<const Purchase> purchases;
    std::vector<std::uint32_t> strata;  // by place; kNoStratum: does not count
  };

  const Clock clock_;
  std::vector<Customer> customers_;
  std::vector<std::int64_t> totals_;  // by stratum
};

}  // namespace nudge::sequence_rules
