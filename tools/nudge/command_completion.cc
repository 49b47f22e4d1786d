// nudge completion: a script for the shell, made from the program's own options.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "tools/nudge/command.h"
#include "tools/nudge/completion.h"

namespace nudge::program {

Run declare_completion(CLI::App& command) {
  auto shell = std::make_shared<std::string>();
  command.add_option("SHELL", *shell, "The shell")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  const CLI::App* program = command.get_parent();
  return [shell, program] {
    const CompletedCommand completed = completed_command(*program);
    const std::string script = *shell == "bash"  ? bash_completion(completed)
                               : *shell == "zsh" ? zsh_completion(completed)
                                                 : fish_completion(completed);
    std::fwrite(script.data(), 1, script.size(), stdout);
    return Status::ok();
  };
}

}  // namespace nudge::program
