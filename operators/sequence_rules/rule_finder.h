// The rules of one segment with all that is known of them but their stage: between single items, which are all counted,
// and between sets, for which a miner proposes candidates.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/sequence_rules/histories.h"
#include "operators/sequence_rules/occurrences.h"
#include "operators/sequence_rules/rule.h"
#include "operators/sequence_rules/set_miner.h"
#include "operators/sequence_rules/settings.h"
#include "operators/sequence_rules/spells.h"

namespace nudge::sequence_rules {

// What was found in a segment, for the report.
struct Findings {
  struct Family {
    std::size_t rules = 0, rules_left_out = 0, peaks = 0;
  };
  std::int64_t purchases = 0;
  Family pairs, sets;
  // Of the search for sets: how many customers a candidate must be of, and how many candidates are not, at least, since
  // there were too many of them.
  std::int64_t least_customers = 0;
  std::size_t candidates_left_out = 0;
};

class RuleFinder {
 public:
  // Both must outlive the finder.
  RuleFinder(const RuleSet& set, ItemTable& items) : set_(set), items_(items) {}

  // Rules between single items, then those between sets, each in the order of their names; `known` rules of the segment
  // are among them, whether they are in force or not.
  std::vector<Rule> find(std::uint32_t segment, Millis until, const Histories& histories,
                         const Occurrences& occurrences, std::span<const RuleName> known, Findings& findings);

 private:
  Clock clock(Millis until, Millis end) const { return {set_.bin, set_.bins(), until - set_.window, end}; }
  Rule rule_of(std::uint32_t segment, std::vector<Item> antecedent, std::vector<Item> consequent) const;
  // Adds those that are not among them, and puts all into the order of their names.
  void add_known(std::vector<Rule>& rules, std::span<const RuleName> known, bool pairs) const;
  static void set_figures(Rule& rule, GapFigures whole, const GapFigures& before, std::vector<GapParts>& gaps);
  // What a rule has in view of the others: q-values and peaks.
  void judge(std::span<Rule> rules, std::span<const GapParts> gaps, Findings::Family& findings) const;

  std::vector<Rule> find_pairs(std::uint32_t segment, Millis until, const Histories& histories,
                               std::span<const RuleName> known, Findings& findings);
  std::vector<Rule> find_sets(std::uint32_t segment, Millis until, const Occurrences& occurrences,
                              std::span<const RuleName> known, Findings& findings);
  // Those that the miner finds before the hold-out, no more than may be counted.
  std::vector<Rule> propose_sets(std::uint32_t segment, Millis until, const Occurrences& occurrences,
                                 Findings& findings);

  const RuleSet& set_;
  ItemTable& items_;
  SetMiner miner_;
};

}  // namespace nudge::sequence_rules
