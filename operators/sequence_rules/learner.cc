#include "operators/sequence_rules/learner.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/log.h"
#include "engine/portable_math.h"
#include "operators/rules/false_discoveries.h"
#include "operators/sequence_rules/rule_record.h"
#include "operators/sequence_rules/trial.h"

namespace nudge::sequence_rules {

Learner::Learner(const RuleSet& set)
    : set_(set), items_(set.templates(), PriceLevels(set.price_levels)), findings_(set.segments.size()) {}

std::optional<Millis> Learner::due(Millis epoch_end) const {
  const Millis slide = floor_to(epoch_end, set_.slide);
  return slide > last_until_ ? std::optional(slide) : std::nullopt;
}

// ---- rules ------------------------------------------------------------------------------------------------

std::vector<PairCounts::Pair> Learner::pairs(std::uint32_t segment, const PairCounts& whole) {
  Findings& findings = findings_[segment];
  std::vector<PairCounts::Pair> pairs = whole.frequent(set_.count_least);
  const auto& apart = items_.apart();
  std::erase_if(pairs, [&](const PairCounts::Pair& pair) {
    const std::vector<Item>& others = apart[pair.first];
    return std::find(others.begin(), others.end(), pair.second) != others.end();
  });
  findings.rules = pairs.size();
  if (pairs.size() > set_.rules_most) {
    findings.rules_left_out = pairs.size() - set_.rules_most;
    const auto key = [&](const PairCounts::Pair& pair) {
      return std::tuple(-whole.events(pair), std::string_view(items_.text(pair.first)),
                        std::string_view(items_.text(pair.second)));
    };
    std::sort(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    pairs.resize(set_.rules_most);
    if (!std::exchange(warned_, true))
      log::warn("sequence_rules {}: too many rules for rules_max segment={} left_out={}; set min_count higher",
                set_.name, set_.segments[segment].name, findings.rules_left_out);
  }
  for (const auto& [name, evidence] : in_force_)
    if (name.segment == segment)
      pairs.emplace_back(items_.number_of(name.antecedent), items_.number_of(name.consequent));
  const auto by_name = [&](const PairCounts::Pair& a, const PairCounts::Pair& b) {
    return std::tie(items_.text(a.first), items_.text(a.second)) <
           std::tie(items_.text(b.first), items_.text(b.second));
  };
  std::sort(pairs.begin(), pairs.end(), by_name);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

std::vector<Rule> Learner::find(std::uint32_t segment, Millis until, const Histories& histories) {
  const Millis since = until - set_.holdout;
  const Clock clock_whole = clock(until, until), clock_before = clock(until, since);
  PairCounts whole(clock_whole), before(clock_before);
  Findings& findings = findings_[segment] = {};
  histories.for_each(set_.segments[segment], [&](std::span<const Purchase> purchases) {
    const auto behind = [&](Millis time) {
      return std::upper_bound(purchases.begin(), purchases.end(), time,
                              [](Millis wanted, const Purchase& each) { return wanted < each.time; }) -
             purchases.begin();
    };
    findings.purchases += static_cast<std::int64_t>(purchases.size()) - behind(clock_whole.from);
    whole.count(purchases, 1);
    before.count(purchases.first(static_cast<std::size_t>(behind(since))), 1);
  });
  std::vector<Rule> rules;
  std::vector<GapParts> gaps;
  std::vector<double> log_p;
  for (const PairCounts::Pair& pair : pairs(segment, whole)) {
    Rule& rule = rules.emplace_back();
    rule.name = {segment, items_.text(pair.first), items_.text(pair.second)};
    rule.pair = pair;
    rule.whole = whole.figures(pair);
    const GapFigures figures_before = before.figures(pair, whole);
    rule.before = Followed::of(figures_before);
    rule.later = Followed::of(rule.whole) - rule.before;
    rule.purchases = findings.purchases;
    rule.log_p = Followed::of(rule.whole).log_p();
    log_p.push_back(rule.log_p);
    gaps.emplace_back(figures_before, rule.whole);
  }
  const std::vector<double> log_q = log_q_values(log_p, log_p.size() + findings.rules_left_out);
  std::vector<std::vector<Peak>> peaks = find_peaks(gaps, set_.count_least, set_.fdr);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i].log_q = log_q[i];
    rules[i].peaks = std::move(peaks[i]);
    findings.peaks += static_cast<std::size_t>(std::count_if(rules[i].peaks.begin(), rules[i].peaks.end(),
                                                             [](const Peak& peak) { return peak.is_confirmed; }));
  }
  return rules;
}

bool Learner::is_candidate(const Rule& rule) const { return rule.before.log_p() <= portable::log(set_.fdr); }

void Learner::test(std::uint32_t segment, const std::vector<Rule>& rules, Millis until, const Histories& histories,
                   InForce& in_force) const {
  // By what was added last, and the antecedent: those that are tested together.
  std::map<Millis, std::map<Item, std::vector<std::pair<Item, Evidence*>>>> groups;
  for (const Rule& rule : rules) {
    if (!is_in_force(rule)) continue;
    const auto known = in_force_.find(rule.name);
    std::optional<Evidence>& evidence =
        in_force.emplace(rule.name, known == in_force_.end() ? std::nullopt : known->second).first->second;
    if (!evidence && is_candidate(rule)) evidence.emplace(until - set_.holdout);
    if (evidence) groups[evidence->until()][rule.pair.first].emplace_back(rule.pair.second, &*evidence);
  }
  for (const auto& [after, by_antecedent] : groups) {
    const Trial trial(histories, set_.segments[segment], clock(until, until), after);
    for (const auto& [antecedent, tested] : by_antecedent) {
      std::vector<Item> consequents;
      for (const auto& [consequent, evidence] : tested) consequents.push_back(consequent);
      const std::vector<std::vector<Table>> tables = trial.tables(antecedent, consequents);
      for (std::size_t i = 0; i < tested.size(); ++i) {
        for (const Table& table : tables[i]) tested[i].second->add(table);
        tested[i].second->close(until);
      }
    }
  }
}

void Learner::learn(Millis until, const SaleWindow& window, const Products& products, GlobalContext& context) {
  const Histories histories(kBeforeAll, until, window, products, items_);
  InForce in_force;
  std::vector<std::vector<Rule>> rules;
  for (std::uint32_t segment = 0; segment < set_.segments.size(); ++segment) {
    rules.push_back(find(segment, until, histories));
    test(segment, rules.back(), until, histories, in_force);
  }
  publish(rules, until, in_force, context);
  in_force_ = std::move(in_force);
  last_until_ = until;
}

void Learner::publish(const std::vector<std::vector<Rule>>& rules, Millis until, const InForce& in_force,
                      GlobalContext& context) {
  // The family: every rule of the set that is under test, whatever the segment.
  std::vector<double> log_e;
  for (const auto& [name, evidence] : in_force)
    if (evidence) log_e.push_back(evidence->log_e());
  const std::vector<bool> held = held_by_e_values(log_e, set_.fdr);
  std::map<RuleName, bool> passed;
  std::size_t next = 0;
  for (const auto& [name, evidence] : in_force)
    if (evidence) passed.emplace(name, held[next++]);

  const double log_fdr = portable::log(set_.fdr);
  PublishedRules validated = published_rules_of(set_);
  validated.is_sequence = true;
  validated.horizon = set_.horizon;
  for (const std::vector<Rule>& of_segment : rules) {
    for (const Rule& rule : of_segment) {
      const bool holds = rule.later.events > 0 && rule.later.lift() > 1;
      const auto known = in_force.find(rule.name);
      const Evidence* evidence = known != in_force.end() && known->second ? &*known->second : nullptr;
      RuleStatus status = RuleStatus::kCandidate;
      if (known == in_force.end())
        status = RuleStatus::kExpired;
      else if (evidence && !holds)
        status = RuleStatus::kRejected;
      else if (evidence && passed.at(rule.name) && rule.log_q <= log_fdr)
        status = RuleStatus::kValidated;
      ++findings_[rule.name.segment].statuses[static_cast<std::size_t>(status)];
      const RuleReport report{set_, rule, status, evidence, holds, until, sentence_of(set_, rule, items_)};
      write_rule(report, context.outputs());
      if (status == RuleStatus::kValidated) validated.rules.push_back(published(report));
    }
  }
  context.publish(PublishedRules::model_name(set_.name), until, until, validated.encode());
}

// ---- report and state -------------------------------------------------------------------------------------

void Learner::report(JsonWriter& json) const {
  json.begin_object();
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    const Findings& findings = findings_[i];
    json.key(set_.segments[i].name);
    json.begin_object();
    json.member("purchases", findings.purchases);
    json.member("rules", static_cast<std::uint64_t>(findings.rules));
    json.member("rules_left_out", static_cast<std::uint64_t>(findings.rules_left_out));
    json.member("peaks", static_cast<std::uint64_t>(findings.peaks));
    for (std::size_t status = 0; status < std::size(kStatusNames); ++status)
      json.member(kStatusNames[status], static_cast<std::uint64_t>(findings.statuses[status]));
    json.end_object();
  }
  json.end_object();
}

void Learner::encode(Encoder& out) const {
  out.zigzag(last_until_);
  out.varint(in_force_.size());
  for (const auto& [name, evidence] : in_force_) {
    out.varint(name.segment);
    out.text(name.antecedent);
    out.text(name.consequent);
    out.boolean(evidence.has_value());
    if (evidence) evidence->encode(out);
  }
}

bool Learner::decode(Decoder& in) {
  last_until_ = in.zigzag();
  in_force_.clear();
  for (std::size_t left = in.count(4); left > 0 && in.ok(); --left) {
    RuleName name;
    name.segment = static_cast<std::uint32_t>(in.varint());
    name.antecedent = in.text();
    name.consequent = in.text();
    std::optional<Evidence> evidence;
    if (in.boolean()) evidence.emplace().decode(in);
    if (name.segment < set_.segments.size()) in_force_.emplace(std::move(name), evidence);
  }
  return in.ok();
}

}  // namespace nudge::sequence_rules
