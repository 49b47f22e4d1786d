// What a subcommand of the program is: a name, a line of help, its options and what runs.
//
// Each stands in a file of its own, command_<name>.cc, and in the table of commands.cc. Data goes to stdout, everything
// else to stderr. The Status that a command ends with decides the exit code (sysexits, engine/status.h).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "engine/status.h"

namespace CLI {
class App;
}

namespace nudge::program {

using Run = std::function<Status()>;

struct Command {
  std::string_view name;
  std::string_view summary;
  // Declares the options and gives what runs when the command was chosen. What options are parsed into must be owned by
  // the function that is returned.
  Run (*declare)(CLI::App& command);
};

std::span<const Command> commands();

}  // namespace nudge::program
