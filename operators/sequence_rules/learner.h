// The global part of one rule set: once per slide, the rules of each segment, what stage each of them is at, and which
// have gone.
//
// A rule is a candidate once what lies before the hold-out has its lift above 1, by more than chance. From then on,
// from the hold-out's beginning on, sales count as evidence, each once, when its slide has come. It is validated as
// long as e-BH over all candidates of the rule set lets it, its q-value is low, and its lift is above 1 in the hold-out
// as it is now.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/operator.h"
#include "operators/rules/evidence.h"
#include "operators/rules/rule_words.h"
#include "operators/rules/sale_window.h"
#include "operators/sequence_rules/histories.h"
#include "operators/sequence_rules/rule.h"
#include "operators/sequence_rules/settings.h"

namespace nudge::sequence_rules {

class Learner {
 public:
  // `set` must outlive the learner.
  explicit Learner(const RuleSet& set);

  // The slide that ended last, at or before `epoch_end`; nothing where it was looked at already.
  std::optional<Millis> due(Millis epoch_end) const;
  // These products are something else from now on.
  void forget(std::span<const std::uint32_t> products) { items_.forget(products); }
  // Publishes the rules in force at `until`.
  void learn(Millis until, const SaleWindow& window, const Products& products, GlobalContext& context);

  void report(JsonWriter& json) const;
  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 private:
  using InForce = std::map<RuleName, std::optional<Evidence>>;
  // Of a segment, for the report.
  struct Findings {
    std::int64_t purchases = 0;
    std::size_t rules = 0, rules_left_out = 0, peaks = 0;
    std::size_t statuses[std::size(kStatusNames)] = {};
  };

  Clock clock(Millis until, Millis end) const { return {set_.bin, set_.bins(), until - set_.window, end}; }
  // Those in force, in the order of their names; behind them those that were and are no more.
  std::vector<Rule> find(std::uint32_t segment, Millis until, const Histories& histories);
  // The pairs to be told, no more than there may be, and those that were in force.
  std::vector<PairCounts::Pair> pairs(std::uint32_t segment, const PairCounts& whole);
  void test(std::uint32_t segment, const std::vector<Rule>& rules, Millis until, const Histories& histories,
            InForce& in_force) const;
  bool is_in_force(const Rule& rule) const { return rule.whole.ended >= set_.count_least; }
  bool is_candidate(const Rule& rule) const;
  void publish(const std::vector<std::vector<Rule>>& rules, Millis until, const InForce& in_force,
               GlobalContext& context);

  const RuleSet& set_;
  ItemTable items_;
  InForce in_force_;
  Millis last_until_ = kBeforeAll;
  std::vector<Findings> findings_;  // by segment
  bool warned_ = false;
};

}  // namespace nudge::sequence_rules
