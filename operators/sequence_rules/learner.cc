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
    : set_(set),
      items_(set.templates(), PriceLevels(set.price_levels)),
      finder_(set, items_),
      told_(set.segments.size()) {}

std::optional<Millis> Learner::due(Millis epoch_end) const {
  const Millis slide = floor_to(epoch_end, set_.slide);
  return slide > last_until_ ? std::optional(slide) : std::nullopt;
}

// ---- rules ------------------------------------------------------------------------------------------------

bool Learner::is_candidate(const Rule& rule) const {
  return rule.before.log_p(rule.lift_of_parts) <= portable::log(set_.fdr);
}

std::vector<RuleName> Learner::known(std::uint32_t segment) const {
  std::vector<RuleName> names;
  for (const auto& [name, evidence] : in_force_)
    if (name.segment == segment) names.push_back(name);
  return names;
}

void Learner::test(const std::vector<Rule>& rules, Millis until, const Occurrences& occurrences,
                   InForce& in_force) const {
  std::map<Millis, std::vector<std::pair<const Rule*, Evidence*>>> under_test;  // by what was added last
  for (const Rule& rule : rules) {
    if (!rule.is_in_force) continue;
    const auto known = in_force_.find(rule.name);
    std::optional<Evidence>& evidence =
        in_force.emplace(rule.name, known == in_force_.end() ? std::nullopt : known->second).first->second;
    if (!evidence && is_candidate(rule)) evidence.emplace(until - set_.holdout);
    if (evidence) under_test[evidence->until()].emplace_back(&rule, &*evidence);
  }
  for (const auto& [after, tested] : under_test) {
    const Trial trial(occurrences, clock(until), after);
    for (const auto& [rule, evidence] : tested) {
      trial.tables(rule->antecedent, rule->consequent).add_to(*evidence);
      evidence->close(until);
    }
  }
}

void Learner::learn(Millis until, const SaleWindow& window, const Products& products, GlobalContext& context) {
  const Histories histories(kBeforeAll, until, window, products, items_);
  InForce in_force;
  std::vector<std::vector<Rule>> rules;
  for (std::uint32_t segment = 0; segment < set_.segments.size(); ++segment) {
    const Occurrences occurrences(histories, set_.segments[segment]);
    told_[segment] = {};
    rules.push_back(finder_.find(segment, until, histories, occurrences, known(segment), told_[segment].findings));
    warn(set_.segments[segment], told_[segment].findings);
    test(rules.back(), until, occurrences, in_force);
  }
  publish(rules, until, in_force, context);
  in_force_ = std::move(in_force);
  last_until_ = until;
}

std::set<RuleName> Learner::held(const InForce& in_force) const {
  std::set<RuleName> held;
  for (const bool pairs : {true, false}) {
    // A family: every rule of the set that is under test, whatever the segment.
    std::vector<const RuleName*> names;
    std::vector<double> log_e;
    for (const auto& [name, evidence] : in_force) {
      if (!evidence || name.is_pair() != pairs) continue;
      names.push_back(&name);
      log_e.push_back(evidence->log_e());
    }
    const std::vector<bool> held_of_family = held_by_e_values(log_e, set_.fdr);
    for (std::size_t i = 0; i < names.size(); ++i)
      if (held_of_family[i]) held.insert(*names[i]);
  }
  return held;
}

void Learner::publish(const std::vector<std::vector<Rule>>& rules, Millis until, const InForce& in_force,
                      GlobalContext& context) {
  const std::set<RuleName> held = this->held(in_force);
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
      else if (evidence && held.contains(rule.name) && rule.log_q <= log_fdr)
        status = RuleStatus::kValidated;
      Told& told = told_[rule.name.segment];
      ++(rule.name.is_pair() ? told.pairs : told.sets)[static_cast<std::size_t>(status)];
      const RuleReport report{set_, rule, status, evidence, holds, until, sentence_of(set_, rule, items_)};
      write_rule(report, context.outputs());
      if (status == RuleStatus::kValidated && rule.name.is_pair()) validated.rules.push_back(published(report));
    }
  }
  context.publish(PublishedRules::model_name(set_.name), until, until, validated.encode());
}

void Learner::warn(const Segment& segment, const Findings& findings) {
  const auto& [purchases, pairs, sets, least_customers, candidates_left_out] = findings;
  if (pairs.rules_left_out + sets.rules_left_out + candidates_left_out == 0 || std::exchange(warned_, true)) return;
  if (pairs.rules_left_out > 0)
    log::warn("sequence_rules {}: too many rules for rules_max segment={} left_out={}; set min_count higher", set_.name,
              segment.name, pairs.rules_left_out);
  if (candidates_left_out > 0)
    log::warn(
        "sequence_rules {}: too many candidates for sets.candidates_max segment={} of_customers_at_least={}; set "
        "sets.min_support higher",
        set_.name, segment.name, least_customers);
  if (sets.rules_left_out > 0)
    log::warn(
        "sequence_rules {}: too many rules for sets.rules_max segment={} left_out={}; set sets.min_confidence or "
        "sets.min_support higher",
        set_.name, segment.name, sets.rules_left_out);
}

// ---- report and state -------------------------------------------------------------------------------------

void Learner::report(JsonWriter& json) const {
  const auto write = [&](const Findings::Family& family, const Statuses& statuses) {
    json.member("rules", static_cast<std::uint64_t>(family.rules));
    json.member("rules_left_out", static_cast<std::uint64_t>(family.rules_left_out));
    json.member("peaks", static_cast<std::uint64_t>(family.peaks));
    for (std::size_t status = 0; status < statuses.size(); ++status)
      json.member(kStatusNames[status], static_cast<std::uint64_t>(statuses[status]));
  };
  json.begin_object();
  for (std::size_t i = 0; i < told_.size(); ++i) {
    const Findings& findings = told_[i].findings;
    json.key(set_.segments[i].name);
    json.begin_object();
    json.member("purchases", findings.purchases);
    write(findings.pairs, told_[i].pairs);
    if (set_.sets) {
      json.key("sets");
      json.begin_object();
      json.member("least_customers", findings.least_customers);
      json.member("candidates_left_out_at_least", static_cast<std::uint64_t>(findings.candidates_left_out));
      write(findings.sets, told_[i].sets);
      json.end_object();
    }
    json.end_object();
  }
  json.end_object();
}

void Learner::encode(Encoder& out) const {
  out.zigzag(last_until_);
  out.varint(in_force_.size());
  for (const auto& [name, evidence] : in_force_) {
    out.varint(name.segment);
    for (const auto* texts : {&name.antecedent, &name.consequent}) {
      out.varint(texts->size());
      for (const std::string& text : *texts) out.text(text);
    }
    out.boolean(evidence.has_value());
    if (evidence) evidence->encode(out);
  }
}

bool Learner::decode(Decoder& in) {
  last_until_ = in.zigzag();
  in_force_.clear();
  for (std::size_t left = in.count(6); left > 0 && in.ok(); --left) {
    RuleName name;
    name.segment = static_cast<std::uint32_t>(in.varint());
    for (auto* texts : {&name.antecedent, &name.consequent})
      for (std::size_t more = in.count(1); more > 0 && in.ok(); --more) texts->emplace_back(in.text());
    std::optional<Evidence> evidence;
    if (in.boolean()) evidence.emplace().decode(in);
    if (name.segment < set_.segments.size()) in_force_.emplace(std::move(name), evidence);
  }
  return in.ok();
}

}  // namespace nudge::sequence_rules
