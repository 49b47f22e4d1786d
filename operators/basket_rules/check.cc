#include "operators/basket_rules/settings.h"

namespace nudge::basket_rules {
namespace {

void check_spans(const config::Value& item, const OperatorSetup& setup, std::vector<config::Problem>& problems) {
  const auto problem = [&](const config::Value& at, std::string what, std::string remedy) {
    problems.push_back({at.location(), std::move(what), std::move(remedy)});
  };
  const Millis epoch = setup.root.at("engine").at("epoch").duration();
  if (item.at("slide").duration() % epoch != 0)
    problem(item.at("slide"), "no multiple of engine.epoch, at whose ends windows move", "a multiple of it");
  if (item.at("holdout").duration() >= item.at("window").duration())
    problem(item.at("holdout"), "not shorter than the window: nothing is left to find rules in", "less than `window`");
}

}  // namespace

void check(const OperatorSetup& setup, std::vector<config::Problem>& problems) {
  check_rule_sets(setup, check_spans, problems);
}

}  // namespace nudge::basket_rules
