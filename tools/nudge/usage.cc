#include "tools/nudge/usage.h"

#include <CLI/CLI.hpp>

#include "config/nearest.h"

namespace nudge::program {
namespace {

const CLI::App& innermost(const CLI::App& program) {
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return *app;
}

std::string path_of(const CLI::App& app) {
  return app.get_parent() ? path_of(*app.get_parent()) + " " + app.get_name() : app.get_name();
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  if (app.get_parent()) {
    const auto inherited = option_names(*app.get_parent());
    names.insert(names.end(), inherited.begin(), inherited.end());
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::string suggested(const std::string& word, const std::vector<std::string>& names) {
  return config::suggestion(word, std::vector<std::string_view>(names.begin(), names.end()));
}

}  // namespace

std::string explain(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App& app = innermost(program);
  const std::string help = "\nsee " + path_of(app) + " --help";
  for (const std::string& word : program.remaining(true)) {
    if (word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      const auto names = option_names(app);
      const bool near = !config::nearest(name, std::vector<std::string_view>(names.begin(), names.end())).empty();
      return name + " is no option of " + path_of(app) + (near ? "; " + suggested(name, names) : "") + help;
    }
    if (word.starts_with('-')) return word + " is no option of " + path_of(app) + help;
    const auto names = command_names(app);
    if (!names.empty()) return word + " is no command of " + path_of(app) + "; " + suggested(word, names) + help;
    return "\"" + word + "\" is one argument too many" + help;
  }
  const std::string told = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error))
    return told.substr(0, told.find(':')) + " needs a value" + help;
  return told + help;
}

}  // namespace nudge::program
