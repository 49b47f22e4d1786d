#include <algorithm>
#include <cctype>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "engine/customer_condition.h"
#include "operators/rules/rule_set.h"

namespace nudge::rules {
namespace {

using config::Problem;
using config::Value;

bool is_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), fits);
}

class RuleSetCheck {
 public:
  RuleSetCheck(const Value& item, const OperatorSetup& setup, std::vector<Problem>& problems)
      : item_(item), setup_(setup), problems_(problems) {}

  void run() {
    if (!is_name(item_.at("name").text()))
      problem(item_.at("name"), "not a name for a rule set", "1 to 32 of a-z, 0-9 and _");
    items();
    segments();
    price_levels();
  }

 private:
  void problem(const Value& at, std::string what, std::string remedy) {
    problems_.push_back({at.location(), std::move(what), std::move(remedy)});
  }

  void items() {
    const auto& items = item_.at("items").items();
    if (items.empty()) problem(item_.at("items"), "no items", "one template at least, such as \"{category}\"");
    if (items.size() > kTemplatesMax) problem(item_.at("items"), "more than 32 templates", "fewer templates");
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (const auto parsed = Template::parse(items[i].text()); !parsed.is_ok())
        problem(items[i], "\"" + items[i].text() + "\": " + parsed.status().message(),
                fmt::format("a template such as \"{{category}}/{{price_level}}\", of {}",
                            fmt::join(kAttributeNames, ", ")));
      for (std::size_t j = 0; j < i; ++j)
        if (items[j].text() == items[i].text()) problem(items[i], "named twice", "each template once");
    }
  }

  void segments() {
    const Value* segments = item_.find("for");
    const Value* words = item_.find("words");
    if (words)
      for (const auto& [name, value] : words->entries())
        if (!segments || !segments->find(name))
          problem(value, "\"" + name + "\" is none of `for`", "a name that stands under `for`");
    if (!segments) return;
    const std::vector<ExpressionColumn> known = sql_columns(setup_.columns);
    for (const auto& [name, where] : segments->entries()) {
      if (!is_name(name)) problem(where, "not a name for a segment", "1 to 32 of a-z, 0-9 and _");
      if (const auto compiled = Expression::compile(where.text(), known); !compiled.is_ok())
        problem(where, compiled.status().message(), "an SQL condition over the columns of customers");
    }
  }

  void price_levels() {
    const auto& levels = item_.at("price_levels").items();
    for (std::size_t i = 1; i < levels.size(); ++i)
      if (levels[i].integer() <= levels[i - 1].integer())
        problem(levels[i], "price levels do not rise", "each more than the one before");
  }

  const Value& item_;
  const OperatorSetup& setup_;
  std::vector<Problem>& problems_;
};

}  // namespace

void check_rule_sets(const OperatorSetup& setup, CheckSpans check_spans, std::vector<Problem>& problems) {
  const auto& items = setup.config.items();
  if (items.size() > kRuleSetsMax)
    problems.push_back({items[kRuleSetsMax].location(), "more than 16 rule sets", "fewer rule sets"});
  std::size_t segments = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    RuleSetCheck(items[i], setup, problems).run();
    check_spans(items[i], setup, problems);
    if (const Value* own = items[i].find("for")) segments += own->entries().size();
    for (std::size_t j = 0; j < i; ++j)
      if (items[j].at("name").text() == items[i].at("name").text())
        problems.push_back({items[i].at("name").location(), "two rule sets of one name", "another name"});
  }
  if (segments > kSegmentsMax)
    problems.push_back({setup.config.location(), fmt::format("{} segments under `for` of all rule sets", segments),
                        fmt::format("at most {}", kSegmentsMax)});
}

}  // namespace nudge::rules
