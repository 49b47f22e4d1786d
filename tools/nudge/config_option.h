// `--config FILE` and `--set a.b.c=value`, as every command that reads a configuration has them.
#pragma once

#include <string>
#include <vector>

#include "config/application.h"
#include "config/loader.h"
#include "engine/status.h"

namespace CLI {
class App;
}

namespace nudge::program {

struct ConfigOption {
  std::string file;
  std::vector<std::string> overrides;

  // The options write into this object, which must stay where it is until parsing is over.
  void declare(CLI::App& command);
};

// The application of the file. Where there are problems each goes to stderr, and the failure (kConfig) counts them.
Result<config::Application> load_application(const ConfigOption& option);
// The same of a file that does not describe an application.
Result<config::Value> load_config(const ConfigOption& option, const config::Parameter& root);

// `3 problems in shop.yaml`.
std::string count_of(const std::vector<config::Problem>& problems, const std::string& file);

}  // namespace nudge::program
