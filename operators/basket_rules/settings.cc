#include "operators/basket_rules/settings.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "engine/check.h"

namespace nudge::basket_rules {
namespace {

using config::Value;

Share share_of(const Value& value) {
  return {static_cast<std::int64_t>(std::nearbyint(value.real() * static_cast<double>(Share::kOne)))};
}

bool is_true(std::string_view text) {
  std::string lower;
  for (const char c : text)
    if (c != ' ') lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return lower == "true" || lower == "1";
}

std::string words_of(const std::string& name, const Value* words) {
  const Value* given = words ? words->find(name) : nullptr;
  std::string text = given ? given->text() : name == "all" ? "customers" : name;
  if (!given) std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

RuleSet read_rule_set(const Value& item, std::uint8_t& bits) {
  RuleSet set;
  set.name = item.at("name").text();
  for (const Value& text : item.at("items").items()) set.items.push_back(text.text());
  const Value* words = item.find("words");
  if (const Value* segments = item.find("for")) {
    for (const auto& [name, where] : segments->entries()) {
      Segment segment{name, words_of(name, words), where.text(), is_true(where.text()), 0};
      if (!segment.is_everybody) segment.bit = bits++;
      set.segments.push_back(std::move(segment));
    }
  }
  if (set.segments.empty()) set.segments.push_back({"all", words_of("all", words), "true", true, 0});
  set.window = item.at("window").duration();
  set.slide = item.at("slide").duration();
  set.holdout = item.at("holdout").duration();
  set.min_support = share_of(item.at("min_support"));
  set.min_confidence = share_of(item.at("min_confidence"));
  set.items_most = static_cast<std::size_t>(item.at("max_items").integer());
  set.fdr = item.at("fdr").real();
  for (const Value& level : item.at("price_levels").items()) set.price_levels.push_back(level.integer());
  set.candidates_most = static_cast<std::size_t>(item.at("candidates_max").integer());
  set.rules_most = static_cast<std::size_t>(item.at("rules_max").integer());
  return set;
}

}  // namespace

std::int64_t Share::least_of(std::int64_t whole) const {
  const Int128 least = (static_cast<Int128>(billionths) * whole + kOne - 1) / kOne;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(least));
}

std::vector<Template> RuleSet::templates() const {
  std::vector<Template> templates;
  for (const std::string& text : items) {
    auto parsed = Template::parse(text);
    NUDGE_CHECK(parsed.is_ok(), "the configuration is checked");
    templates.push_back(std::move(parsed).value());
  }
  return templates;
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

bool Settings::uses(Attribute attribute) const {
  for (const RuleSet& set : all)
    for (const Template& each : set.templates())
      if (each.uses(attribute)) return true;
  return false;
}

Millis Settings::next_slide(Millis after) const {
  Millis next = kNever;
  for (const RuleSet& set : all) {
    if (std::all_of(set.segments.begin(), set.segments.end(), [](const Segment& each) { return each.is_everybody; }))
      continue;
    const Millis slides = after >= 0 ? after / set.slide : -1 - (-1 - after) / set.slide;
    next = std::min(next, (slides + 1) * set.slide);
  }
  return next;
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
