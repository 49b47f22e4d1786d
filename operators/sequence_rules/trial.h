// Later sales as evidence of rules: whether, among sales of the same week and of like size, those of customers in a
// spell end it more often than chance would have it.
//
// Of each customer the first purchase of a week counts, so that what has happened before the week says whether it is in
// a spell, and what of the consequent is missing in it: if the antecedent has nothing to do with it, how many of these
// have what is missing is then hypergeometric.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "operators/rules/evidence.h"
#include "operators/sequence_rules/occurrences.h"
#include "operators/sequence_rules/spells.h"

namespace nudge::sequence_rules {

class Trial {
 public:
  // Of the purchases with after < time ≤ clock.until; the spells are those of the clock. `occurrences` must outlive it.
  Trial(const Occurrences& occurrences, const Clock& clock, Millis after);

  struct Tables {
    // By rising week and size: those in spells in which all of the consequent is missing, and those with all of it.
    std::vector<Table> all;
    // Where some of it is missing, among the purchases that are in none of the spells of the tables before.
    std::vector<Table> rest;

    void add_to(Evidence& evidence) const;
  };
  Tables tables(std::span<const Item> antecedent, std::span<const Item> consequent) const;

 private:
  static constexpr std::uint32_t kNoStratum = UINT32_MAX;
  // A purchase that counts, in a spell.
  struct InSpell {
    std::uint32_t stratum = 0;
    ItemBits missing = 0, has = 0;
  };

  std::uint32_t stratum_of(const Occurrence& each) const { return strata_[begins_[each.customer] + each.place]; }
  std::vector<InSpell> in_spells(std::span<const Item> antecedent, std::span<const Item> consequent) const;

  const Occurrences& occurrences_;
  const Clock clock_;
  std::vector<std::size_t> begins_;    // by customer: of its purchases' strata
  std::vector<std::uint32_t> strata_;  // kNoStratum: does not count
  std::vector<std::int64_t> totals_;   // by stratum
};

}  // namespace nudge::sequence_rules
