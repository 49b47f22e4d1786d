// `nudge run` that harms itself at a named step of its work, for tests/faults:
//
//   fault_run --config FILE [--set KEY=VALUE]… [--at STEP --passing N --signal kill|stop]
//
// Raises the signal when the step is passed for the N-th time. At a regular end it prints `step passings name` lines to
// stdout, so that the tests need no list of steps.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>

#include "config/application.h"
#include "connectors/http/observability.h"
#include "engine/log.h"
#include "engine/operator.h"
#include "engine/runtime/live.h"

namespace nudge {
namespace {

std::atomic<bool> g_stops{false};

struct Choices {
  std::string config, step;
  std::vector<std::string> overrides;
  int passing = 1;
  bool kills = true;
};

Status run(const Choices& choices) {
  auto loaded = config::load_application(choices.config, choices.overrides, all_operators());
  if (!loaded.problems.empty()) return Status::config(choices.config + ": has problems; see `nudge validate`");
  std::signal(SIGTERM, [](int) { g_stops = true; });
  Metrics metrics;
  NUDGE_ASSIGN(const auto observability,
               connectors::http::Observability::start(loaded.application.root.at("http").at("bind").text(), metrics));
  std::mutex mutex;
  std::map<std::string, int, std::less<>> passings;
  LiveOptions options;
  options.metrics = &metrics;
  options.stops = [] { return g_stops.load(); };
  options.at_step = [&](std::string_view step) {
    const std::lock_guard lock(mutex);
    const int passing = ++passings.try_emplace(std::string(step)).first->second;
    if (step == choices.step && passing == choices.passing) ::raise(choices.kills ? SIGKILL : SIGSTOP);
  };
  const Status ended = run_live(loaded.application, options);
  for (const auto& [step, count] : passings) fmt::print("step {} {}\n", count, step);
  return ended;
}

}  // namespace
}  // namespace nudge

int main(int count, char** words) {
  CLI::App command("nudge run that harms itself");
  nudge::Choices choices;
  std::string how = "kill";
  command.add_option("--config", choices.config)->required();
  command.add_option("--set", choices.overrides)->allow_extra_args(false);
  command.add_option("--at", choices.step);
  command.add_option("--passing", choices.passing)->check(CLI::PositiveNumber);
  command.add_option("--signal", how)->check(CLI::IsMember({"kill", "stop"}));
  CLI11_PARSE(command, count, words);
  choices.kills = how == "kill";
  const nudge::Status ended = nudge::run(choices);
  if (ended) return 0;
  nudge::log::error("{}", ended.message());
  return static_cast<int>(ended.error_class());
}
