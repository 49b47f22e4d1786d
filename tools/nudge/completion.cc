#include "tools/nudge/completion.h"

#include <CLI/CLI.hpp>

namespace nudge::program {
namespace {

// A membership check calls itself {a,b,c}.
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{'), end = type.rfind('}');
  std::vector<std::string> choices;
  if (begin == std::string::npos || end == std::string::npos || end < begin) return choices;
  for (const std::string& choice : CLI::detail::split(type.substr(begin + 1, end - begin - 1), ','))
    choices.push_back(choice);
  return choices;
}

CompletedOption completed_option(const CLI::Option& option) {
  CompletedOption completed;
  for (const std::string& name : option.get_lnames()) completed.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) completed.names.push_back("-" + name);
  completed.help = option.get_description();
  if (option.get_items_expected_max() == 0) return completed;
  const std::string type = option.get_type_name();
  completed.choices = choices_of(option);
  completed.argument = !completed.choices.empty() ? Argument::kChoice
                       : type.starts_with("FILE") ? Argument::kFile
                       : type.starts_with("DIR")  ? Argument::kFolder
                                                  : Argument::kText;
  return completed;
}

CompletedCommand completed(const CLI::App& app, std::vector<std::string> path) {
  CompletedCommand command;
  command.summary = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) command.positional_choices = choices_of(*option);
    if (option->nonpositional()) command.options.push_back(completed_option(*option));
  }
  for (const CLI::App* inner : app.get_subcommands({})) {
    std::vector<std::string> inner_path = path;
    inner_path.push_back(inner->get_name());
    command.commands.push_back(completed(*inner, std::move(inner_path)));
  }
  command.path = std::move(path);
  return command;
}

}  // namespace

CompletedCommand completed_command(const CLI::App& app) { return completed(app, {}); }

}  // namespace nudge::program
