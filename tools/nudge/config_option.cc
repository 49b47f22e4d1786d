#include "tools/nudge/config_option.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "engine/operator.h"

namespace nudge::program {
namespace {

Status failure(const std::vector<config::Problem>& problems, const std::string& file) {
  for (const config::Problem& problem : problems) std::fprintf(stderr, "%s\n", to_string(problem).c_str());
  return Status::config(count_of(problems, file));
}

}  // namespace

void ConfigOption::declare(CLI::App& command) {
  command.add_option("--config,-c", file, "The configuration")->required()->type_name("FILE");
  command.add_option("--set", overrides, "Override one key, such as engine.threads=4; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

std::string count_of(const std::vector<config::Problem>& problems, const std::string& file) {
  const std::string count = std::to_string(problems.size());
  return (problems.empty() ? "no problems" : problems.size() == 1 ? "1 problem" : count + " problems") + " in " + file;
}

Result<config::Application> load_application(const ConfigOption& option) {
  config::LoadedApplication loaded = config::load_application(option.file, option.overrides, all_operators());
  if (!loaded.problems.empty()) return failure(loaded.problems, option.file);
  return std::move(loaded.application);
}

Result<config::Value> load_config(const ConfigOption& option, const config::Parameter& root) {
  config::LoadedConfig loaded = config::load(option.file, option.overrides, root);
  if (!loaded.problems.empty()) return failure(loaded.problems, option.file);
  return std::move(loaded.root);
}

}  // namespace nudge::program
