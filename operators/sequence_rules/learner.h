// The global part of one rule set: once per slide, the rules of each segment, what stage each of them is at, and which
// have gone.
//
// A rule is a candidate once what lies before the hold-out has its lift above 1, and above those of its parts, by more
// than chance. From then on,
// from the hold-out's beginning on, sales count as evidence, each once, when its slide has come. It is validated as
// long as e-BH over all candidates of its family lets it, its q-value is low, and its lift is above 1 in the hold-out
// as it is now.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/operator.h"
#include "operators/rules/evidence.h"
#include "operators/rules/rule_words.h"
#include "operators/rules/sale_window.h"
#include "operators/sequence_rules/histories.h"
#include "operators/sequence_rules/rule_finder.h"
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
  using Statuses = std::array<std::size_t, std::size(kStatusNames)>;
  // Of a segment, for the report.
  struct Told {
    Findings findings;
    Statuses pairs{}, sets{};
  };

  Clock clock(Millis until) const { return {set_.bin, set_.bins(), until - set_.window, until}; }
  std::vector<RuleName> known(std::uint32_t segment) const;
  void test(const std::vector<Rule>& rules, Millis until, const Occurrences& occurrences, InForce& in_force) const;
  bool is_candidate(const Rule& rule) const;
  // The rules under test whose e-values hold.
  std::set<RuleName> held(const InForce& in_force) const;
  void publish(const std::vector<std::vector<Rule>>& rules, Millis until, const InForce& in_force,
               GlobalContext& context);
  void warn(const Segment& segment, const Findings& findings);

  const RuleSet& set_;
  ItemTable items_;
  RuleFinder finder_;
  InForce in_force_;
  Millis last_until_ = kBeforeAll;
  std::vector<Told> told_;  // by segment
  bool warned_ = false;
};

}  // namespace nudge::sequence_rules
