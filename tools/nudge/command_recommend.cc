// nudge recommend: what goes with a basket, by the validated basket rules of a state: for who stands at the counter.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "config/engine_parameters.h"
#include "engine/runtime/state_reader.h"
#include "operators/rules/published_rules.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"
#include "tools/nudge/table.h"

namespace nudge::program {
namespace {

using rules::PublishedRule;
using rules::PublishedRules;

struct RecommendChoices {
  ConfigOption config;
  std::vector<std::string> basket;
  std::string state, format = "table";
  std::size_t most = 10;
};

// The surest rule of each item that goes with the basket and is not in it, the surest first.
std::vector<PublishedRule> rules_for(const std::set<std::string>& basket, const std::map<std::string, Model>& models,
                                     std::size_t& known) {
  std::map<std::string, PublishedRule> surest;
  for (const auto& [name, model] : models) {
    if (!name.starts_with(fmt::format("{}.", PublishedRules::kFamily))) continue;
    const auto published = PublishedRules::decode(model.bytes);
    if (!published || published->is_sequence) continue;
    known += published->rules.size();
    for (const PublishedRule& rule : published->rules) {
      const auto is_bought = [&](const std::string& item) { return basket.contains(item); };
      if (is_bought(rule.consequent) || !std::all_of(rule.antecedent.begin(), rule.antecedent.end(), is_bought))
        continue;
      const auto [found, is_first] = surest.emplace(rule.consequent, rule);
      if (!is_first && rule.probability > found->second.probability) found->second = rule;
    }
  }
  std::vector<PublishedRule> all;
  for (auto& [item, rule] : surest) all.push_back(std::move(rule));
  std::stable_sort(all.begin(), all.end(),
                   [](const PublishedRule& a, const PublishedRule& b) { return a.probability > b.probability; });
  return all;
}

Status run(const RecommendChoices& choices) {
  NUDGE_ASSIGN(const config::Application application, load_application(choices.config));
  NUDGE_ASSIGN(const auto program, runtime::Program::make(application));
  const std::string folder = choices.state.empty() ? config::state_folder(application.root) : choices.state;
  NUDGE_ASSIGN(const auto reader, runtime::StateReader::open(folder, *program));
  std::size_t known = 0;
  std::vector<PublishedRule> found =
      rules_for({choices.basket.begin(), choices.basket.end()}, reader->models(), known);
  if (known == 0)
    return Status::usage(fmt::format(
        "{} has no validated basket rule; configure operators.basket_rules and replay enough history", folder));
  found.resize(std::min(found.size(), choices.most));
  Table table{.columns = {"item", "probability", "rule", "why"}, .rows = {}};
  for (const PublishedRule& rule : found)
    table.rows.push_back({rule.consequent, fmt::format("{:.3f}", rule.probability), rule.id, rule.text});
  print(table, choices.format);
  return Status::ok();
}

}  // namespace

Run declare_recommend(CLI::App& command) {
  auto choices = std::make_shared<RecommendChoices>();
  choices->config.declare(command);
  command
      .add_option("basket", choices->basket,
                  "What is in the basket: items as the rule sets make them, such as coats or \"coats/100–300\"")
      ->required()
      ->type_name("ITEM");
  command.add_option("-k,--most", choices->most, "How many items")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command.add_option("--state", choices->state, "The folder of the state, instead of engine.state_dir")
      ->type_name("DIR");
  command.add_option("--format", choices->format, "table, json or csv")
      ->check(CLI::IsMember({kTableFormats[0], kTableFormats[1], kTableFormats[2]}))
      ->capture_default_str();
  return [choices] { return run(*choices); };
}

}  // namespace nudge::program
