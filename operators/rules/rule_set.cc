#include "operators/rules/rule_set.h"

#include <algorithm>
#include <cctype>

#include "engine/check.h"

namespace nudge::rules {
namespace {

using config::Value;

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

}  // namespace

Millis floor_to(Millis time, Millis slide) {
  const Millis slides = time >= 0 ? time / slide : -1 - (-1 - time) / slide;
  return slides * slide;
}

std::vector<Template> Scope::templates() const {
  std::vector<Template> templates;
  for (const std::string& text : items) {
    auto parsed = Template::parse(text);
    NUDGE_CHECK(parsed.is_ok(), "the configuration is checked");
    templates.push_back(std::move(parsed).value());
  }
  return templates;
}

bool Scope::uses(Attribute attribute) const {
  for (const Template& each : templates())
    if (each.uses(attribute)) return true;
  return false;
}

bool Scope::has_segments() const {
  return std::any_of(segments.begin(), segments.end(), [](const Segment& each) { return !each.is_everybody; });
}

Scope read_scope(const Value& item, std::uint8_t& bits) {
  Scope set;
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
  for (const Value& level : item.at("price_levels").items()) set.price_levels.push_back(level.integer());
  return set;
}

bool uses_catalogue(const Value& config) {
  if (config.kind() != config::Kind::kList) return false;
  for (const Value& set : config.items()) {
    const Value* items = set.kind() == config::Kind::kObject ? set.find("items") : nullptr;
    if (!items || items->kind() != config::Kind::kList) continue;
    for (const Value& item : items->items()) {
      const auto parsed = Template::parse(item.text());
      if (parsed.is_ok() && parsed.value().uses_catalogue()) return true;
    }
  }
  return false;
}

}  // namespace nudge::rules
