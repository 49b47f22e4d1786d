// The application that a configuration describes: its checked tree and the operators that run.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/value.h"
#include "engine/operator.h"

namespace nudge::config {

struct Application {
  Value root;
  // Those that run, in the order of the program's list: configured ones (a list needs an item) and those on by default.
  std::vector<const OperatorSpec*> operators;

  // An operator's own parameters; it must be one of those that run.
  const Value& config_of(const OperatorSpec& spec) const { return root.at("operators").at(spec.name); }
};

struct LoadedApplication {
  Application application;        // usable only where there is no problem
  std::vector<Problem> problems;  // of the file, the overrides, the engine and every operator: all at once
};

// `known` are all operators of the program. An operator's own check runs where its keys are right in themselves.
LoadedApplication load_application(const std::string& file, std::span<const std::string> overrides,
                                   std::span<const OperatorSpec* const> known);
// The same of a text; `name` stands for the file in problems.
LoadedApplication load_application_text(std::string_view text, const std::string& name,
                                        std::span<const std::string> overrides,
                                        std::span<const OperatorSpec* const> known);

}  // namespace nudge::config
