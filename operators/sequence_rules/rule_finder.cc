#include "operators/sequence_rules/rule_finder.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "operators/rules/false_discoveries.h"
#include "operators/sequence_rules/pair_counts.h"

namespace nudge::sequence_rules {

std::vector<Rule> RuleFinder::find(std::uint32_t segment, Millis until, const Histories& histories,
                                   const Occurrences& occurrences, std::span<const RuleName> known,
                                   Findings& findings) {
  findings = {};
  for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer)
    for (const Purchase& purchase : occurrences.purchases(customer))
      findings.purchases += purchase.time > until - set_.window;
  std::vector<Rule> rules = find_pairs(segment, until, histories, known, findings);
  if (set_.sets) {
    std::vector<Rule> sets = find_sets(segment, until, occurrences, known, findings);
    rules.insert(rules.end(), std::make_move_iterator(sets.begin()), std::make_move_iterator(sets.end()));
  }
  for (Rule& rule : rules) rule.purchases = findings.purchases;
  return rules;
}

Rule RuleFinder::rule_of(std::uint32_t segment, std::vector<Item> antecedent, std::vector<Item> consequent) const {
  Rule rule;
  rule.name.segment = segment;
  rule.antecedent = std::move(antecedent);
  rule.consequent = std::move(consequent);
  for (auto [items, texts] :
       {std::pair{&rule.antecedent, &rule.name.antecedent}, std::pair{&rule.consequent, &rule.name.consequent}}) {
    std::sort(items->begin(), items->end(), [&](Item a, Item b) { return items_.text(a) < items_.text(b); });
    for (const Item item : *items) texts->push_back(items_.text(item));
  }
  return rule;
}

void RuleFinder::add_known(std::vector<Rule>& rules, std::span<const RuleName> known, bool pairs) const {
  const auto by_name = [](const Rule& a, const Rule& b) { return a.name < b.name; };
  std::sort(rules.begin(), rules.end(), by_name);
  const auto found = static_cast<std::ptrdiff_t>(rules.size());
  for (const RuleName& name : known) {
    if (name.is_pair() != pairs) continue;
    const auto place = std::lower_bound(rules.begin(), rules.begin() + found, name,
                                        [](const Rule& rule, const RuleName& wanted) { return rule.name < wanted; });
    if (place != rules.begin() + found && place->name == name) continue;
    Rule rule;
    rule.name = name;
    for (const std::string& text : name.antecedent) rule.antecedent.push_back(items_.number_of(text));
    for (const std::string& text : name.consequent) rule.consequent.push_back(items_.number_of(text));
    rules.push_back(std::move(rule));
  }
  std::sort(rules.begin(), rules.end(), by_name);
}

void RuleFinder::set_figures(Rule& rule, GapFigures whole, const GapFigures& before, std::vector<GapParts>& gaps) {
  rule.whole = std::move(whole);
  rule.before = Followed::of(before);
  rule.later = Followed::of(rule.whole) - rule.before;
  rule.log_p = Followed::of(rule.whole).log_p();
  gaps.emplace_back(before, rule.whole);
}

void RuleFinder::judge(std::span<Rule> rules, std::span<const GapParts> gaps, Findings::Family& findings) const {
  std::vector<double> log_p;
  for (const Rule& rule : rules) log_p.push_back(rule.log_p);
  const std::vector<double> log_q = log_q_values(log_p, log_p.size() + findings.rules_left_out);
  std::vector<std::vector<Peak>> peaks = find_peaks(gaps, set_.count_least, set_.fdr);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i].log_q = log_q[i];
    rules[i].peaks = std::move(peaks[i]);
    findings.peaks += static_cast<std::size_t>(std::count_if(rules[i].peaks.begin(), rules[i].peaks.end(),
                                                             [](const Peak& peak) { return peak.is_confirmed; }));
  }
}

std::vector<Rule> RuleFinder::find_pairs(std::uint32_t segment, Millis until, const Histories& histories,
                                         std::span<const RuleName> known, Findings& findings) {
  const Millis since = until - set_.holdout;
  PairCounts whole(clock(until, until)), before(clock(until, since));
  histories.for_each(set_.segments[segment], [&](std::span<const Purchase> purchases) {
    whole.count(purchases, 1);
    before.count(up_to(purchases, since), 1);
  });
  std::vector<PairCounts::Pair> pairs = whole.frequent(set_.count_least);
  const auto& apart = items_.apart();
  std::erase_if(pairs, [&](const PairCounts::Pair& pair) {
    const std::vector<Item>& others = apart[pair.first];
    return std::find(others.begin(), others.end(), pair.second) != others.end();
  });
  findings.pairs.rules = pairs.size();
  if (pairs.size() > set_.rules_most) {
    findings.pairs.rules_left_out = pairs.size() - set_.rules_most;
    const auto key = [&](const PairCounts::Pair& pair) {
      return std::tuple(-whole.events(pair), std::string_view(items_.text(pair.first)),
                        std::string_view(items_.text(pair.second)));
    };
    std::sort(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    pairs.resize(set_.rules_most);
  }
  std::vector<Rule> rules;
  for (const auto& [antecedent, consequent] : pairs)
    rules.push_back(rule_of(segment, {antecedent}, {consequent})), rules.back().is_in_force = true;
  add_known(rules, known, true);
  std::vector<GapParts> gaps;
  for (Rule& rule : rules) {
    const PairCounts::Pair pair(rule.antecedent.front(), rule.consequent.front());
    set_figures(rule, whole.figures(pair), before.figures(pair, whole), gaps);
  }
  judge(rules, gaps, findings.pairs);
  return rules;
}

}  // namespace nudge::sequence_rules
