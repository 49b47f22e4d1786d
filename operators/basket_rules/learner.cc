#include "operators/basket_rules/learner.h"

#include <algorithm>
#include <cmath>

#include "engine/log.h"
#include "engine/portable_math.h"
#include "operators/basket_rules/size_null.h"
#include "operators/rules/false_discoveries.h"

namespace nudge::basket_rules {
namespace {

// A confidence below the threshold that chance would bring as low as this seldom is below it.
constexpr double kRefuted = 0.05;

// The pane that holds a time ends here.
Millis pane_end(Millis time, Millis length) { return floor_to(time - 1, length) + length; }

}  // namespace

Learner::Learner(const RuleSet& set, Millis pane_length)
    : set_(set),
      pane_length_(pane_length),
      items_(set.templates(), PriceLevels(set.price_levels)),
      finder_(set),
      findings_(set.segments.size()),
      statuses_(set.segments.size(), std::vector<std::size_t>(std::size(kStatusNames))) {
  for (std::size_t i = 0; i < set.segments.size(); ++i) baskets_.emplace_back(set.items_most, set.candidates_most);
}

std::optional<Millis> Learner::due(Millis epoch_end) const {
  const Millis slide = floor_to(epoch_end, set_.slide);
  return slide > last_until_ ? std::optional(slide) : std::nullopt;
}

// ---- baskets ----------------------------------------------------------------------------------------------

void Learner::gather(Millis until, const SaleWindow& window, const Products& products) {
  const auto change = [&](const CountedSale* before, const CountedSale* now, std::span<const Line> lines,
                          bool items_too) {
    std::span<const Item> items;
    bool has_items = false;
    for (std::size_t i = 0; i < set_.segments.size(); ++i) {
      const bool was = before && belongs(*before, set_.segments[i]), is = now && belongs(*now, set_.segments[i]);
      if (was && (!is || items_too)) baskets_[i].remove(before->id);
      if (!is || (was && !items_too)) continue;
      if (!std::exchange(has_items, true)) items = items_.items_of(lines, products);
      baskets_[i].add(now->id, items);
    }
  };
  counted_.sync(window, until - set_.window, until, change);
}

// Where there are too many itemsets to keep them, those in the most baskets are mined.
void Learner::count(std::uint32_t number, Findings& findings) {
  SlidingItemsets& baskets = baskets_[number];
  const auto total = static_cast<std::int64_t>(baskets.size());
  findings.least_count = set_.min_support.least_of(total);
  if (baskets.update(static_cast<std::uint64_t>(findings.least_count), items_.apart()))
    return baskets.tell(finder_.itemsets());
  Baskets all;
  std::vector<Item> items;
  counted_.each(kBeforeAll, [&](const CountedSale& sale) {
    if (!belongs(sale, set_.segments[number])) return;
    baskets.items_of(sale.id, items);
    all.add(items);
  });
  finder_.mine(all, items_, findings);
}

// By pane and size; the panes rise.
BasketBits Learner::later_baskets(std::uint32_t number, Millis until, std::span<const Item> items) {
  const SlidingItemsets& baskets = baskets_[number];
  std::map<std::pair<Millis, std::size_t>, std::vector<std::uint32_t>> strata;
  counted_.each(until - set_.holdout, [&](const CountedSale& sale) {
    if (belongs(sale, set_.segments[number]))
      strata[{pane_end(sale.time, pane_length_), size_class(baskets.size_of(sale.id))}].push_back(sale.id);
  });
  BasketBits bits(items);
  strata_end_.clear();
  std::vector<Item> basket;
  for (const auto& [stratum, ids] : strata) {
    bits.begin_stratum();
    strata_end_.push_back(stratum.first);
    for (const std::uint32_t id : ids) {
      baskets.items_of(id, basket);
      bits.add(basket);
    }
  }
  return bits;
}

// ---- rules ------------------------------------------------------------------------------------------------

std::vector<Rule> Learner::find(std::uint32_t number, Millis until, InForce& in_force) {
  Findings& findings = findings_[number] = {};
  count(number, findings);
  std::vector<Rule> rules = finder_.find(static_cast<std::int64_t>(baskets_[number].size()), items_, number, findings);
  warn(set_.segments[number], findings);
  std::vector<double> log_p;
  std::vector<Item> items;
  for (const Rule& rule : rules) {
    log_p.push_back(rule.log_p);
    items.insert(items.end(), rule.antecedent.begin(), rule.antecedent.end());
    items.push_back(rule.consequent);
  }
  const std::vector<double> log_q = log_q_values(log_p, findings.rules);
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i].log_q = log_q[i];
  BasketBits later = later_baskets(number, until, items);
  finder_.look_at_later(rules, later);
  test(rules, until, later, in_force);
  if (!rules.empty()) {
    std::vector<std::uint32_t> counts;
    for (Item item = 0; item < items_.size(); ++item)
      counts.push_back(static_cast<std::uint32_t>(baskets_[number].count(item)));
    const SizeNull null(baskets_[number].sizes(), counts);
    for (Rule& rule : rules) {
      items = rule.antecedent;
      items.push_back(rule.consequent);
      rule.expected_both = null.expected(items);
    }
  }
  return rules;
}

bool Learner::is_candidate(const Rule& rule) const {
  const Table before = rule.whole - rule.later;
  return before.both > 0 && set_.min_support.is_met(before.both, before.total) &&
         set_.min_confidence.is_met(before.both, before.first) && rule.was_productive;
}

bool Learner::holds_later(const Rule& rule) const {
  const Table& later = rule.later;
  return later.both > 0 && Rule::lift_of(later) > 1 &&
         log_binomial_at_most(later.both, later.first, set_.min_confidence.value()) >= portable::log(kRefuted);
}

void Learner::test(std::vector<Rule>& rules, Millis until, BasketBits& later, InForce& in_force) {
  for (const Rule& rule : rules) {
    const auto before = in_force_.find(rule.name);
    std::optional<Evidence> evidence = before == in_force_.end() ? std::nullopt : before->second;
    if (!evidence && is_candidate(rule)) evidence.emplace(until - set_.holdout);
    if (evidence) {
      // Panes are tested whole, at the end of their slide; what comes into them later is not.
      const auto first = std::upper_bound(strata_end_.begin(), strata_end_.end(), evidence->until());
      later.each_table(rule.antecedent, rule.consequent, static_cast<std::size_t>(first - strata_end_.begin()),
                       [&](std::size_t, const Table& table) { evidence->add(table); });
      evidence->close(until);
    }
    in_force.emplace(rule.name, evidence);
  }
}

std::vector<Rule> Learner::expired(std::uint32_t number, Millis until, const InForce& in_force) {
  std::vector<Rule> rules;
  std::vector<Item> items;
  for (const auto& [name, evidence] : in_force_) {
    if (name.segment != number || in_force.contains(name)) continue;
    Rule& rule = rules.emplace_back();
    rule.name = name;
    for (const std::string& text : name.antecedent) rule.antecedent.push_back(items_.number_of(text));
    rule.consequent = items_.number_of(name.consequent);
    items.insert(items.end(), rule.antecedent.begin(), rule.antecedent.end());
    items.push_back(rule.consequent);
  }
  if (rules.empty()) return rules;
  const Segment& segment = set_.segments[number];
  BasketBits whole(items), later(items);
  whole.begin_stratum();
  later.begin_stratum();
  counted_.each(kBeforeAll, [&](const CountedSale& sale) {
    if (!belongs(sale, segment)) return;
    baskets_[number].items_of(sale.id, items);
    whole.add(items);
    if (sale.time > until - set_.holdout) later.add(items);
  });
  for (Rule& rule : rules) {
    for (auto [bits, table] : {std::pair{&whole, &rule.whole}, std::pair{&later, &rule.later}})
      bits->each_table(rule.antecedent, rule.consequent, 0, [&](std::size_t, const Table& found) { *table += found; });
    rule.log_p = rule.log_q = rule.whole.total > 0 ? log_fisher(rule.whole) : 0;
  }
  return rules;
}

void Learner::learn(Millis until, const SaleWindow& window, const Products& products, GlobalContext& context) {
  gather(until, window, products);
  InForce in_force;
  std::vector<std::vector<Rule>> rules;
  for (std::uint32_t segment = 0; segment < set_.segments.size(); ++segment) {
    rules.push_back(find(segment, until, in_force));
    statuses_[segment].assign(std::size(kStatusNames), 0);
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
  const auto write = [&](const Rule& rule, RuleStatus status, const Evidence* evidence, bool holds) {
    ++statuses_[rule.name.segment][static_cast<std::size_t>(status)];
    const RuleReport report{set_, rule, status, evidence, holds, until, sentence_of(set_, rule, items_)};
    write_rule(report, context.outputs());
    if (status == RuleStatus::kValidated && !rule.is_redundant) validated.rules.push_back(published(report));
  };
  for (std::uint32_t segment = 0; segment < rules.size(); ++segment) {
    for (const Rule& rule : rules[segment]) {
      const auto& evidence = in_force.at(rule.name);
      const bool holds = holds_later(rule);
      RuleStatus status = RuleStatus::kCandidate;
      if (evidence && !holds)
        status = RuleStatus::kRejected;
      else if (evidence && passed.at(rule.name) && rule.log_q <= log_fdr)
        status = RuleStatus::kValidated;
      write(rule, status, evidence ? &*evidence : nullptr, holds);
    }
    for (const Rule& rule : expired(segment, until, in_force))
      write(rule, RuleStatus::kExpired, nullptr, holds_later(rule));
  }
  context.publish(PublishedRules::model_name(set_.name), until, until, validated.encode());
}

void Learner::warn(const Segment& segment, const Findings& findings) {
  if ((findings.itemsets_left_out == 0 && findings.rules_left_out == 0) || std::exchange(warned_, true)) return;
  if (findings.itemsets_left_out > 0)
    log::warn(
        "basket_rules {}: too many itemsets for candidates_max segment={} kept={} in_at_least={} baskets={}; set "
        "min_support higher",
        set_.name, segment.name, findings.itemsets, findings.least_count, findings.baskets);
  if (findings.rules_left_out > 0)
    log::warn(
        "basket_rules {}: too many rules for rules_max segment={} left_out={}; set min_confidence or min_support "
        "higher",
        set_.name, segment.name, findings.rules_left_out);
}

// ---- report and state -------------------------------------------------------------------------------------

void Learner::report(JsonWriter& json) const {
  json.begin_object();
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    json.key(set_.segments[i].name);
    json.begin_object();
    json.member("baskets", findings_[i].baskets);
    json.member("itemsets", static_cast<std::uint64_t>(findings_[i].itemsets));
    json.member("itemsets_left_out_at_least", static_cast<std::uint64_t>(findings_[i].itemsets_left_out));
    json.member("least_count", findings_[i].least_count);
    json.member("rules", static_cast<std::uint64_t>(findings_[i].rules));
    json.member("rules_left_out", static_cast<std::uint64_t>(findings_[i].rules_left_out));
    for (std::size_t status = 0; status < std::size(kStatusNames); ++status)
      json.member(kStatusNames[status], static_cast<std::uint64_t>(statuses_[i][status]));
    json.end_object();
  }
  json.end_object();
}

void Learner::encode(Encoder& out) const {
  out.zigzag(last_until_);
  out.varint(in_force_.size());
  for (const auto& [name, evidence] : in_force_) {
    out.varint(name.segment);
    out.varint(name.antecedent.size());
    for (const std::string& text : name.antecedent) out.text(text);
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
    name.antecedent.resize(in.count());
    for (std::string& text : name.antecedent) text = in.text();
    name.consequent = in.text();
    std::optional<Evidence> evidence;
    if (in.boolean()) evidence.emplace().decode(in);
    if (name.segment < set_.segments.size()) in_force_.emplace(std::move(name), evidence);
  }
  return in.ok();
}

}  // namespace nudge::basket_rules
