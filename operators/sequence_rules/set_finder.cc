// Of RuleFinder: rules between sets.
#include <algorithm>
#include <map>

#include "operators/sequence_rules/rule_finder.h"
#include "operators/sequence_rules/set_counts.h"

namespace nudge::sequence_rules {
namespace {

// How many customers have each rule that a miner found.
class Confidences {
 public:
  // The least confidence that was asked for, of those that are not among the rules.
  Confidences(const std::vector<SetRule>& rules, double least) : rules_(rules), least_(least) {}

  // ln of P(as many customers or more), if an item of the antecedent added nothing to the others. The greatest counts.
  double log_p_of_parts(const SetRule& rule) const {
    double chance = least_;
    SetRule part;
    part.consequent = rule.consequent;
    for (const Item item : rule.antecedent) {
      part.antecedent = rule.antecedent;
      std::erase(part.antecedent, item);
      const auto found = std::lower_bound(rules_.begin(), rules_.end(), part);
      if (found == rules_.end() || found->antecedent != part.antecedent || found->consequent != part.consequent)
        continue;
      chance = std::max(chance, static_cast<double>(found->both) / static_cast<double>(found->with_antecedent));
    }
    if (rule.both <= chance * rule.with_antecedent) return 0;
    return log_binomial_at_least(rule.both, rule.with_antecedent, chance);
  }

 private:
  const std::vector<SetRule>& rules_;
  double least_;
};

// The greatest lift of the rules with an item less in the antecedent.
class PartLifts {
 public:
  PartLifts(SetCounts& counts, const Clock& clock) : counts_(counts), clock_(clock) {}

  double of(const Rule& rule) {
    double most = 1;
    if (rule.antecedent.size() < 2) return most;
    for (const Item item : rule.antecedent) {
      std::pair part(rule.antecedent, rule.consequent);
      std::erase(part.first, item);
      const auto [found, is_new] = known_.try_emplace(part);
      if (is_new) {
        const Followed followed = Followed::of(counts_.figures(part.first, part.second, clock_));
        found->second = followed.expected > 0 ? followed.lift() : 1;
      }
      most = std::max(most, found->second);
    }
    return most;
  }

 private:
  SetCounts& counts_;
  const Clock clock_;
  std::map<std::pair<std::vector<Item>, std::vector<Item>>, double> known_;
};

}  // namespace

std::vector<Rule> RuleFinder::propose_sets(std::uint32_t segment, Millis until, const Occurrences& occurrences,
                                           Findings& findings) {
  const Millis since = until - set_.holdout, from = until - set_.window;
  Cuts cuts(set_.horizon, from);
  for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer)
    if (const auto purchases = up_to(occurrences.purchases(customer), since);
        !purchases.empty() && purchases.back().time > from)
      cuts.add(purchases);
  SetMinerLimits limits;
  limits.least_count = static_cast<std::uint32_t>(
      std::max(set_.count_least, set_.sets->min_support.least_of(static_cast<std::int64_t>(cuts.sequences()))));
  limits.min_confidence = set_.sets->min_confidence;
  limits.antecedent_most = limits.consequent_most = set_.sets->items_most;
  limits.with_empty_antecedents = true;
  limits.candidates_most = set_.sets->candidates_most;
  const SetRules found = miner_.mine(cuts, limits, items_.apart());
  findings.least_customers = found.least_count;
  findings.candidates_left_out = found.left_out;

  const Confidences confidences(found.rules, set_.sets->min_confidence.value());
  std::vector<std::pair<double, Rule>> ranked;
  for (const SetRule& each : found.rules) {
    if (each.antecedent.empty() || each.antecedent.size() + each.consequent.size() < 3) continue;
    ranked.emplace_back(confidences.log_p_of_parts(each), rule_of(segment, each.antecedent, each.consequent));
  }
  findings.sets.rules = ranked.size();
  if (ranked.size() > set_.sets->rules_most) {
    findings.sets.rules_left_out = ranked.size() - set_.sets->rules_most;
    std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second.name < b.second.name;
    });
    ranked.resize(set_.sets->rules_most);
  }
  std::vector<Rule> rules;
  for (auto& [log_p, rule] : ranked) rules.push_back(std::move(rule));
  return rules;
}

std::vector<Rule> RuleFinder::find_sets(std::uint32_t segment, Millis until, const Occurrences& occurrences,
                                        std::span<const RuleName> known, Findings& findings) {
  const Clock clock_whole = clock(until, until), clock_before = clock(until, until - set_.holdout);
  SetCounts counts(occurrences);
  PartLifts part_lifts(counts, clock_before);
  std::vector<Rule> rules = propose_sets(segment, until, occurrences, findings);
  for (Rule& rule : rules) rule.is_in_force = true;
  add_known(rules, known, false);
  std::vector<GapParts> gaps;
  std::size_t kept = 0;
  for (Rule& rule : rules) {
    GapFigures whole = counts.figures(rule.antecedent, rule.consequent, clock_whole);
    // What came true for enough customers may have done so by purchases a horizon apart.
    rule.is_in_force = rule.is_in_force && whole.ended >= set_.count_least;
    if (!rule.is_in_force && !std::binary_search(known.begin(), known.end(), rule.name)) continue;
    set_figures(rule, std::move(whole), counts.figures(rule.antecedent, rule.consequent, clock_before), gaps);
    rule.lift_of_parts = part_lifts.of(rule);
    if (&rules[kept] != &rule) rules[kept] = std::move(rule);
    ++kept;
  }
  rules.resize(kept);
  judge(rules, gaps, findings.sets);
  return rules;
}

}  // namespace nudge::sequence_rules
