// nudge validate: the problems are the command's data, one a line, or a JSON array of them.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/operator.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"

namespace nudge::program {
namespace {

struct ValidateOptions {
  ConfigOption config;
  std::string format = "text";
};

nlohmann::ordered_json json_of(const config::Problem& problem) {
  nlohmann::ordered_json json = {{"file", problem.location.file}, {"line", nullptr}, {"path", problem.location.path}};
  if (problem.location.line > 0) json["line"] = problem.location.line;
  json["what"] = problem.what;
  json["remedy"] = problem.remedy;
  return json;
}

Status validate(const ValidateOptions& options) {
  const std::string& file = options.config.file;
  const auto problems = config::load_application(file, options.config.overrides, all_operators()).problems;
  if (options.format == "json") {
    auto array = nlohmann::ordered_json::array();
    for (const config::Problem& problem : problems) array.push_back(json_of(problem));
    // Texts of the user may be no UTF-8.
    const auto replace = nlohmann::ordered_json::error_handler_t::replace;
    std::printf("%s\n", array.dump(2, ' ', false, replace).c_str());
  } else {
    for (const config::Problem& problem : problems) std::printf("%s\n", to_string(problem).c_str());
    if (problems.empty()) std::printf("%s\n", count_of(problems, file).c_str());
  }
  return problems.empty() ? Status::ok() : Status::config(count_of(problems, file));
}

}  // namespace

Run declare_validate(CLI::App& command) {
  auto options = std::make_shared<ValidateOptions>();
  options->config.declare(command);
  command.add_option("--format", options->format, "How problems are printed")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  return [options] { return validate(*options); };
}

}  // namespace nudge::program
