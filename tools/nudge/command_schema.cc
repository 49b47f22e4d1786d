// nudge schema: what may stand in a configuration, for programs (JSON Schema) or for people (Markdown), and what scores
// know.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/engine_parameters.h"
#include "config/feature_reference.h"
#include "config/json_schema.h"
#include "config/reference.h"
#include "tools/nudge/command.h"

namespace nudge::program {

Run declare_schema(CLI::App& command) {
  auto format = std::make_shared<std::string>("json");
  command.add_option("--format", *format, "JSON Schema, a Markdown page, or one of the features that scores know")
      ->check(CLI::IsMember({"json", "markdown", "features"}))
      ->capture_default_str();
  return [format] {
    const config::Parameter& root = config::root_parameters(all_operators());
    const std::string text = *format == "json"       ? config::json_schema(root).dump(2) + "\n"
                             : *format == "features" ? config::feature_page(all_operators())
                                                     : config::reference_page(root);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return Status::ok();
  };
}

}  // namespace nudge::program
