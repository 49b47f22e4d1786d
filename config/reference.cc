#include "config/reference.h"

#include <vector>

#include "config/document.h"
#include "config/scalar.h"

namespace nudge::config {
namespace {

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::string code(std::string_view text) { return text.empty() ? "" : "`" + cell(text) + "`"; }

// The kind in one phrase, with its bounds.
std::string kind_phrase(const Parameter& parameter) {
  switch (parameter.kind) {
    case Kind::kBoolean:
      return "true or false";
    case Kind::kInteger:
      return "whole number" + format_range(parameter);
    case Kind::kReal:
      return "number" + format_range(parameter);
    case Kind::kDuration:
      return "duration" + format_range(parameter);
    case Kind::kSize:
      return "size" + format_range(parameter);
    case Kind::kText:
      return "text";
    case Kind::kMoney:
      return "amount" + format_range(parameter);
    case Kind::kExpression:
      return "SQL expression";
    case Kind::kSecret:
      return "secret";
    case Kind::kObject:
      return "object";
    case Kind::kList:
      return "list: " + kind_phrase(parameter.members.front());
    case Kind::kTable:
      return "table: " + kind_phrase(parameter.members.front());
    case Kind::kAny:
      return "any value";
    case Kind::kChoice: {
      std::string text;
      for (const std::string_view choice : parameter.choices) text += (text.empty() ? "" : ", ") + code(choice);
      return text;
    }
  }
  return {};
}

// The object whose keys get a section of their own, behind a list or a table; null for anything else.
const Parameter* inner_object(const Parameter& parameter, std::string& path) {
  if (parameter.kind == Kind::kObject) return parameter.members.empty() ? nullptr : &parameter;
  if (parameter.kind != Kind::kList && parameter.kind != Kind::kTable) return nullptr;
  path += parameter.kind == Kind::kList ? "[]" : ".NAME";
  return inner_object(parameter.members.front(), path);
}

void append_section(std::string& page, const Parameter& object, const std::string& path, std::string_view help) {
  page += "\n## " + (path.empty() ? std::string("Top level") : code(path)) + "\n\n";
  if (!help.empty()) page += std::string(help) + "\n\n";
  page += "| key | kind | default | meaning |\n|---|---|---|---|\n";
  for (const Parameter& member : object.members) {
    const std::string missing = member.required ? "**required**" : "";
    page += "| " + code(member.name) + " | " + kind_phrase(member) + (member.may_be_off ? " or `false`" : "") + " | " +
            (member.default_text.empty() ? missing : code(member.default_text)) + " | " + cell(member.help) + " |\n";
  }
  for (const Parameter& member : object.members) {
    std::string inner_path = join_path(path, member.name);
    if (const Parameter* inner = inner_object(member, inner_path))
      append_section(page, *inner, inner_path, member.help);
  }
}

}  // namespace

std::string reference_page(const Parameter& root) {
  std::string page =
      "# Configuration\n\n"
      "One YAML file. Durations are written `100ms 5s 30m 3h 7d 12w`, sizes `64MiB` (KiB MiB GiB count in 1,024s, KB "
      "MB GB in "
      "thousands). A secret is never inline: `{file: PATH}` or `{env: NAME}`. Any key can be overridden with "
      "`--set a.b.c=value`, an item of a list as `a.b[0].c`. Where a list of objects is expected, one object stands "
      "for a "
      "list of one.\n";
  append_section(page, root, "", root.help);
  return page;
}

}  // namespace nudge::config
