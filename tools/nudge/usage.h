// What the user reads after a mistake on the command line.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace nudge::program {

// One or two lines: what is wrong, the nearest known command or option, and where the help is. `program` has just
// failed to parse.
std::string explain(const CLI::App& program, const CLI::ParseError& error);

}  // namespace nudge::program
