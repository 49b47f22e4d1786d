// Completion scripts for shells, made from the options and commands that the program declares.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace nudge::program {

enum class Argument { kNone, kText, kFile, kFolder, kChoice };

struct CompletedOption {
  std::vector<std::string> names;  // --config, -c
  std::string help;
  Argument argument = Argument::kNone;
  std::vector<std::string> choices;
};

struct CompletedCommand {
  std::vector<std::string> path;  // {} for the program, {"dlq", "list"}
  std::string summary;
  std::vector<CompletedOption> options;
  std::vector<std::string> positional_choices;
  std::vector<CompletedCommand> commands;
};

// An option takes a file or a folder if its type is called FILE or DIR, and one of a list if it is checked to be a
// member.
CompletedCommand completed_command(const CLI::App& app);

std::string bash_completion(const CompletedCommand& program);
std::string zsh_completion(const CompletedCommand& program);
std::string fish_completion(const CompletedCommand& program);

}  // namespace nudge::program
