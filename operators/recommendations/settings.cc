#include "operators/recommendations/settings.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "engine/check.h"

namespace nudge::recommendations {
namespace {

using config::Value;

const Value* given(const Value& value, std::string_view name) {
  const Value* found = value.find(name);
  return !found || found->is_null() ? nullptr : found;
}

// The rule sets of an operator as they are configured, by name.
const Value* rule_set_of(const Value& root, std::string_view name) {
  const Value* operators = given(root, "operators");
  if (!operators) return nullptr;
  for (const std::string_view kind : {"basket_rules", "sequence_rules"})
    if (const Value* sets = given(*operators, kind))
      for (const Value& set : sets->items())
        if (set.at("name").text() == name) return &set;
  return nullptr;
}

std::set<std::string> texts_of(const Value& list) {
  std::set<std::string> texts;
  for (const Value& each : list.items()) texts.insert(each.text());
  return texts;
}

void check_rules(const OperatorSetup& setup, std::vector<config::Problem>& problems) {
  const std::set<std::string> own = texts_of(setup.config.at("items"));
  for (const Value& name : setup.config.at("rules").items()) {
    const Value* set = rule_set_of(setup.root, name.text());
    if (!set) {
      problems.push_back({name.location(), "no rule set \"" + name.text() + "\"",
                          "the name of one under operators.basket_rules or operators.sequence_rules"});
      continue;
    }
    for (const Value& item : set->at("items").items())
      if (!own.contains(item.text()))
        problems.push_back(
            {name.location(),
             fmt::format("the rules of {} are about \"{}\", which is no item here", name.text(), item.text()),
             "the template under `items`, too"});
  }
}

}  // namespace

std::vector<rules::Template> Settings::templates() const {
  std::vector<rules::Template> templates;
  for (const std::string& text : items) {
    auto parsed = rules::Template::parse(text);
    NUDGE_CHECK(parsed.is_ok(), "the configuration is checked");
    templates.push_back(std::move(parsed).value());
  }
  return templates;
}

void check(const OperatorSetup& setup, std::vector<config::Problem>& problems) {
  const auto problem = [&](const Value& at, std::string what, std::string remedy) {
    problems.push_back({at.location(), std::move(what), std::move(remedy)});
  };
  const Value& items = setup.config.at("items");
  if (items.items().empty()) problem(items, "no items", "one template at least, such as \"{category}\"");
  for (const Value& item : items.items())
    if (const auto parsed = rules::Template::parse(item.text()); !parsed.is_ok())
      problem(item, "\"" + item.text() + "\": " + parsed.status().message(), "a template such as \"{category}\"");
  const auto& levels = setup.config.at("price_levels").items();
  for (std::size_t i = 1; i < levels.size(); ++i)
    if (levels[i].integer() <= levels[i - 1].integer())
      problem(levels[i], "price levels do not rise", "each more than the one before");
  const Value& slide = setup.config.at("slide");
  if (slide.duration() == 0 || slide.duration() % setup.root.at("engine").at("epoch").duration() != 0)
    problem(slide, "no multiple of engine.epoch, at whose ends windows move", "a multiple of it");
  check_rules(setup, problems);
}

bool reads_products(const Value& config) {
  if (config.kind() != config::Kind::kObject) return false;
  const Value* items = config.find("items");
  if (!items || items->kind() != config::Kind::kList) return true;
  return std::any_of(items->items().begin(), items->items().end(), [](const Value& item) {
    const auto parsed = rules::Template::parse(item.text());
    return parsed.is_ok() && parsed.value().uses_catalogue();
  });
}

Settings read_settings(const OperatorSetup& setup) {
  const Value& config = setup.config;
  Settings settings;
  for (const Value& item : config.at("items").items()) settings.items.push_back(item.text());
  for (const Value& level : config.at("price_levels").items()) settings.price_levels.push_back(level.integer());
  for (const Value& name : config.at("rules").items()) settings.rule_sets.push_back(name.text());
  settings.window = config.at("window").duration();
  settings.slide = config.at("slide").duration();
  settings.epoch = setup.root.at("engine").at("epoch").duration();
  settings.count = config.at("count").integer();
  settings.repeats = config.at("repeats").boolean();
  settings.rank_by = config.at("rank_by").text() == kRankByNames[1] ? RankBy::kMargin : RankBy::kProbability;
  settings.probability_least = config.at("min_probability").real();
  settings.ahead = config.at("ahead").duration();
  settings.valid = config.at("valid").duration();
  settings.returned = config.at("returned").duration();
  settings.reminders = config.at("reminders").boolean();
  settings.reminder_probability_least = config.at("min_reminder_probability").real();
  settings.limit = {2, 7 * kDay};
  if (const Value* limit = given(config, "limit"))
    settings.limit = {limit->at("max").integer(), limit->at("per").duration()};
  if (const Value* channel = given(config, "channel")) settings.channel = channel->text();
  if (const Value* targeting = given(setup.root, "targeting"))
    if (const Value* rate = given(*targeting, "margin_rate")) settings.margin_rate = rate->real();
  settings.neighbours_most = static_cast<std::size_t>(config.at("neighbours_max").integer());
  settings.customers_most = static_cast<std::size_t>(config.at("customers_max").integer());
  settings.sales_most = static_cast<std::size_t>(config.at("sales_max").integer());
  return settings;
}

}  // namespace nudge::recommendations
