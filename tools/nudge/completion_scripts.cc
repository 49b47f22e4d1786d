// The scripts for bash, zsh and fish. Options of the program are also taken by its commands.
#include "tools/nudge/completion.h"

namespace nudge::program {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view separator = " ") {
  std::string text;
  for (const std::string& word : words) (text += text.empty() ? "" : separator) += word;
  return text;
}

// In single quotes, as all three shells read them.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

template <typename Visit>
void for_each_command(const CompletedCommand& command, const Visit& visit) {
  visit(command);
  for (const CompletedCommand& inner : command.commands) for_each_command(inner, visit);
}

std::vector<std::string> names_of(const CompletedCommand& command) {
  std::vector<std::string> names;
  for (const CompletedCommand& inner : command.commands) names.push_back(inner.path.back());
  names.insert(names.end(), command.positional_choices.begin(), command.positional_choices.end());
  return names;
}

// A command's own options and those that it takes from the program.
std::vector<CompletedOption> options_of(const CompletedCommand& command, const CompletedCommand& program) {
  std::vector<CompletedOption> options = command.options;
  if (&command == &program) return options;
  for (const CompletedOption& option : program.options)
    if (option.names.front() != "--help") options.push_back(option);
  return options;
}

// ---- bash ---------------------------------------------------------------------------------------

std::string bash_values(const CompletedOption& option) {
  switch (option.argument) {
    case Argument::kChoice:
      return "words=" + in_quotes(joined(option.choices));
    case Argument::kFile:
      return "files=-f";
    case Argument::kFolder:
      return "files=-d";
    default:
      return "return";
  }
}

void bash_option(std::string& script, const std::string& command, const CompletedOption& option) {
  if (option.argument == Argument::kNone) return;
  script += "    ";
  for (std::size_t i = 0; i < option.names.size(); ++i)
    script += (i > 0 ? "|" : "") + in_quotes(command + "|" + option.names[i]);
  script += ") " + bash_values(option) + " ;;\n";
}

}  // namespace

std::string bash_completion(const CompletedCommand& program) {
  std::string ways, values, words;
  for_each_command(program, [&](const CompletedCommand& command) {
    const std::string path = joined(command.path);
    std::vector<std::string> offered = names_of(command);
    for (const CompletedCommand& inner : command.commands)
      ways +=
          "      " + in_quotes(path + "|" + inner.path.back()) + ") command=" + in_quotes(joined(inner.path)) + " ;;\n";
    for (const CompletedOption& option : options_of(command, program)) {
      bash_option(values, path, option);
      offered.insert(offered.end(), option.names.begin(), option.names.end());
    }
    words += "      " + in_quotes(path) + ") words=" + in_quotes(joined(offered)) + " ;;\n";
  });
  return "# bash completion for nudge: source <(nudge completion bash)\n"
         "_nudge() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= word words= files=\n"
         "  # --option=value arrives as three words.\n"
         "  if [[ $current == = ]]; then current=\n"
         "  elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}\n"
         "  fi\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"$command|$word\" in\n" +
         ways +
         "    esac\n"
         "  done\n"
         "  case \"$command|$previous\" in\n" +
         values +
         "    *)\n"
         "      case \"$command\" in\n" +
         words +
         "      esac ;;\n"
         "  esac\n"
         "  if [[ -n $files ]]; then\n"
         "    compopt -o filenames\n"
         "    mapfile -t COMPREPLY < <(compgen \"$files\" -- \"$current\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  fi\n"
         "}\n"
         "complete -F _nudge nudge\n";
}

// ---- zsh ----------------------------------------------------------------------------------------

namespace {

// Text inside the brackets of an _arguments spec, or a _describe entry.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_values(const CompletedOption& option) {
  switch (option.argument) {
    case Argument::kNone:
      return "";
    case Argument::kChoice:
      return ":value:(" + joined(option.choices) + ")";
    case Argument::kFile:
      return ":file:_files";
    case Argument::kFolder:
      return ":folder:_files -/";
    case Argument::kText:
      return ":value:";
  }
  return "";
}

std::string zsh_function(const CompletedCommand& command) {
  return "_nudge" + (command.path.empty() ? "" : "_" + joined(command.path, "_"));
}

void zsh_command(std::string& script, const CompletedCommand& command, const CompletedCommand& program) {
  for (const CompletedCommand& inner : command.commands) zsh_command(script, inner, program);
  script += zsh_function(command) + "() {\n  local line state\n  _arguments -C";
  for (const CompletedOption& option : options_of(command, program))
    for (const std::string& name : option.names)
      script += " \\\n    " + in_quotes("*" + name + "[" + zsh_text(option.help) + "]" + zsh_values(option));
  if (!command.positional_choices.empty())
    script += " \\\n    " + in_quotes("1:argument:(" + joined(command.positional_choices) + ")");
  if (command.commands.empty()) {
    script += "\n}\n";
    return;
  }
  script +=
      " \\\n    '1: :->command' \\\n    '*:: :->arguments'\n  case $state in\n    command)\n      local -a "
      "commands=(\n";
  for (const CompletedCommand& inner : command.commands)
    script += "        " + in_quotes(zsh_text(inner.path.back()) + ":" + zsh_text(inner.summary)) + "\n";
  script += "      )\n      _describe command commands ;;\n    arguments)\n      case $line[1] in\n";
  for (const CompletedCommand& inner : command.commands)
    script += "        " + inner.path.back() + ") " + zsh_function(inner) + " ;;\n";
  script += "      esac ;;\n  esac\n}\n";
}

}  // namespace

std::string zsh_completion(const CompletedCommand& program) {
  std::string script =
      "#compdef nudge\n# zsh completion for nudge: source <(nudge completion zsh), or a file _nudge in $fpath\n";
  zsh_command(script, program, program);
  return script + "if [[ ${funcstack[1]} == _nudge ]]; then _nudge \"$@\"; else compdef _nudge nudge; fi\n";
}

// ---- fish ---------------------------------------------------------------------------------------

std::string fish_completion(const CompletedCommand& program) {
  std::string script = "# fish completion for nudge: nudge completion fish | source\ncomplete -c nudge -f\n";
  for_each_command(program, [&](const CompletedCommand& command) {
    std::string when = command.path.empty() ? "" : "__fish_seen_subcommand_from " + command.path.front();
    for (std::size_t i = 1; i < command.path.size(); ++i)
      when += "; and __fish_seen_subcommand_from " + command.path[i];
    std::string next = command.path.empty() ? "__fish_use_subcommand" : when;
    if (!command.path.empty() && !command.commands.empty())
      next += "; and not __fish_seen_subcommand_from " + joined(names_of(command));
    for (const CompletedCommand& inner : command.commands)
      script += "complete -c nudge -n " + in_quotes(next) + " -a " + inner.path.back() + " -d " +
                in_quotes(inner.summary) + "\n";
    if (!command.positional_choices.empty())
      script +=
          "complete -c nudge -n " + in_quotes(when) + " -a " + in_quotes(joined(command.positional_choices)) + "\n";
    for (const CompletedOption& option : command.options) {
      if (!command.path.empty() && option.names.front() == "--help") continue;  // the program's is enough
      script += "complete -c nudge" + (when.empty() ? "" : " -n " + in_quotes(when));
      for (const std::string& name : option.names)
        script += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      switch (option.argument) {
        case Argument::kNone:
          break;
        case Argument::kText:
          script += " -x";
          break;
        case Argument::kFile:
          script += " -r -F";
          break;
        case Argument::kFolder:
          script += " -x -a '(__fish_complete_directories)'";
          break;
        case Argument::kChoice:
          script += " -x -a " + in_quotes(joined(option.choices));
          break;
      }
      script += " -d " + in_quotes(option.help) + "\n";
    }
  });
  return script;
}

}  // namespace nudge::program
