#include <fmt/core.h>

#include "operators/sequence_rules/settings.h"

namespace nudge::sequence_rules {
namespace {

constexpr Millis kBinsMax = 1'000;

void check_spans(const config::Value& item, const OperatorSetup& setup, std::vector<config::Problem>& problems) {
  const auto problem = [&](const config::Value& at, std::string what, std::string remedy) {
    problems.push_back({at.location(), std::move(what), std::move(remedy)});
  };
  const Millis bin = item.at("bin").duration(), horizon = item.at("horizon").duration();
  if (horizon % bin != 0)
    problem(item.at("horizon"), "no multiple of the bin", "a multiple of `bin`");
  else if (horizon / bin > kBinsMax)
    problem(item.at("bin"), fmt::format("{} bins in the horizon", horizon / bin), "at most 1000: longer bins");
  if (item.at("slide").duration() % setup.root.at("engine").at("epoch").duration() != 0)
    problem(item.at("slide"), "no multiple of engine.epoch, at whose ends windows move", "a multiple of it");
  if (item.at("holdout").duration() >= item.at("window").duration())
    problem(item.at("holdout"), "not shorter than the window: nothing is left to find rules in", "less than `window`");
}

}  // namespace

void check(const OperatorSetup& setup, std::vector<config::Problem>& problems) {
  check_rule_sets(setup, check_spans, problems);
}

}  // namespace nudge::sequence_rules
