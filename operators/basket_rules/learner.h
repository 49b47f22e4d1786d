// The global part of one rule set: once per slide, the rules of each segment, what stage each of them is at, and which
// have gone.
//
// A rule is a candidate once what lies before the hold-out has it over the thresholds and productive. From then on,
// from the hold-out's beginning on, baskets count as evidence, each once, when its slide has come. It is validated as
// long as e-BH over all candidates of the rule set lets it, its q-value is low, and it holds in the hold-out as it is
// now.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/operator.h"
#include "operators/basket_rules/counted_sales.h"
#include "operators/basket_rules/rule_finder.h"
#include "operators/basket_rules/rule_record.h"
#include "operators/basket_rules/settings.h"
#include "operators/basket_rules/sliding_itemsets.h"
#include "operators/rules/evidence.h"
#include "operators/rules/sale_window.h"

namespace nudge::basket_rules {

class Learner {
 public:
  // `set` must outlive the learner.
  Learner(const RuleSet& set, Millis pane_length);

  // The slide that ended last, at or before `epoch_end`; nothing where it was looked at already.
  std::optional<Millis> due(Millis epoch_end) const;
  // These products are something else from now on.
  void forget(std::span<const std::uint32_t> products) {
    items_.forget(products);
    counted_.forget(products);
  }
  // Publishes the rules in force at `until`.
  void learn(Millis until, const SaleWindow& window, const Products& products, GlobalContext& context);

  void report(JsonWriter& json) const;
  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 private:
  using InForce = std::map<RuleName, std::optional<Evidence>>;

  // Brings the baskets of each segment up to date.
  void gather(Millis until, const SaleWindow& window, const Products& products);
  static bool belongs(const CountedSale& sale, const Segment& segment) { return segment.has(sale.segments); }
  void count(std::uint32_t segment, Findings& findings);
  // The rules of a segment, with what baskets since their candidacy say of them.
  std::vector<Rule> find(std::uint32_t segment, Millis until, InForce& in_force);
  BasketBits later_baskets(std::uint32_t segment, Millis until, std::span<const Item> items);
  void test(std::vector<Rule>& rules, Millis until, BasketBits& later, InForce& in_force);
  bool is_candidate(const Rule& rule) const;
  bool holds_later(const Rule& rule) const;
  // Those that were in force and are no more, as they are now.
  std::vector<Rule> expired(std::uint32_t segment, Millis until, const InForce& in_force);
  void publish(const std::vector<std::vector<Rule>>& rules, Millis until, const InForce& in_force,
               GlobalContext& context);
  void warn(const Segment& segment, const Findings& findings);

  const RuleSet& set_;
  const Millis pane_length_;
  ItemTable items_;
  RuleFinder finder_;
  InForce in_force_;
  Millis last_until_ = kBeforeAll;
  std::vector<Findings> findings_;                  // by segment
  std::vector<std::vector<std::size_t>> statuses_;  // by segment: how many rules have each
  bool warned_ = false;

  // What follows from the sales of the window, and is not stored.
  CountedSales counted_;
  std::vector<SlidingItemsets> baskets_;  // by segment
  std::vector<Millis> strata_end_;        // by stratum of the hold-out under way: the end of its pane
};

}  // namespace nudge::basket_rules
