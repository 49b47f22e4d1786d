#include "operators/basket_rules/settings.h"

#include <algorithm>

namespace nudge::basket_rules {
namespace {

using config::Value;

RuleSet read_rule_set(const Value& item, std::uint8_t& bits) {
  RuleSet set;
  static_cast<Scope&>(set) = read_scope(item, bits);
  set.window = item.at("window").duration();
  set.slide = item.at("slide").duration();
  set.holdout = item.at("holdout").duration();
  set.min_support = Share::of(item.at("min_support").real());
  set.min_confidence = Share::of(item.at("min_confidence").real());
  set.items_most = static_cast<std::size_t>(item.at("max_items").integer());
  set.fdr = item.at("fdr").real();
  set.candidates_most = static_cast<std::size_t>(item.at("candidates_max").integer());
  set.rules_most = static_cast<std::size_t>(item.at("rules_max").integer());
  return set;
}

}  // namespace

Millis Settings::longest_window() const {
  Millis longest = 0;
  for (const RuleSet& set : all) longest = std::max(longest, set.window);
  return longest;
}

Millis Settings::longest_slide() const {
  Millis longest = 0;
  for (const RuleSet& set : all) longest = std::max(longest, set.slide);
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

}  // namespace nudge::basket_rules
