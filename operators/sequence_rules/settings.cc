#include "operators/sequence_rules/settings.h"

#include <algorithm>

namespace nudge::sequence_rules {
namespace {

using config::Value;

SetSettings read_sets(const Value& value) {
  const auto size = [&](std::string_view name) { return static_cast<std::size_t>(value.at(name).integer()); };
  return {.min_support = Share::of(value.at("min_support").real()),
          .min_confidence = Share::of(value.at("min_confidence").real()),
          .items_most = size("max_items"),
          .candidates_most = size("candidates_max"),
          .rules_most = size("rules_max")};
}

RuleSet read_rule_set(const Value& item, std::uint8_t& bits) {
  RuleSet set;
  static_cast<Scope&>(set) = read_scope(item, bits);
  set.horizon = item.at("horizon").duration();
  set.bin = item.at("bin").duration();
  set.window = item.at("window").duration();
  set.slide = item.at("slide").duration();
  set.holdout = item.at("holdout").duration();
  set.count_least = item.at("min_count").integer();
  set.fdr = item.at("fdr").real();
  set.rules_most = static_cast<std::size_t>(item.at("rules_max").integer());
  if (const Value& sets = item.at("sets"); !sets.is_null()) set.sets = read_sets(sets);
  return set;
}

}  // namespace

Millis Settings::longest_window() const {
  Millis longest = 0;
  for (const RuleSet& set : all) longest = std::max(longest, set.window);
  return longest;
}

Telling Settings::telling() const {
  Telling telling;
  telling.reach = longest_window();
  for (const RuleSet& set : all) telling.add(set, set.slide);
  return telling;
}

Settings read_settings(const OperatorSetup& setup) {
  Settings settings;
  settings.epoch = setup.root.at("engine").at("epoch").duration();
  std::uint8_t bits = 0;
  for (const Value& item : setup.config.items()) {
    settings.all.push_back(read_rule_set(item, bits));
    settings.sales_most = std::max(settings.sales_most, static_cast<std::size_t>(item.at("sales_max").integer()));
  }
  return settings;
}

}  // namespace nudge::sequence_rules
