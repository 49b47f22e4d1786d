#include "operators/basket_rules/settings.h"

#include <algorithm>
#include <cmath>

namespace nudge::basket_rules {
namespace {

using config::Value;

Share share_of(const Value& value) {
  return {static_cast<std::int64_t>(std::nearbyint(value.real() * static_cast<double>(Share::kOne)))};
}

RuleSet read_rule_set(const Value& item, std::uint8_t& bits) {
  RuleSet set;
  static_cast<Scope&>(set) = read_scope(item, bits);
  set.window = item.at("window").duration();
  set.slide = item.at("slide").duration();
  set.holdout = item.at("holdout").duration();
  set.min_support = share_of(item.at("min_support"));
  set.min_confidence = share_of(item.at("min_confidence"));
  set.items_most = static_cast<std::size_t>(item.at("max_items").integer());
  set.fdr = item.at("fdr").real();
  set.candidates_most = static_cast<std::size_t>(item.at("candidates_max").integer());
  set.rules_most = static_cast<std::size_t>(item.at("rules_max").integer());
  return set;
}

}  // namespace

std::int64_t Share::least_of(std::int64_t whole) const {
  const Int128 least = (static_cast<Int128>(billionths) * whole + kOne - 1) / kOne;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(least));
}

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
