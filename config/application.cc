#include "config/application.h"

#include <fmt/core.h>

#include <algorithm>

#include "config/engine_parameters.h"
#include "config/loader.h"
#include "config/webhook_parameters.h"

namespace nudge::config {
namespace {

bool runs(const OperatorSpec& spec, const Value& value) {
  if (value.is_null()) return false;
  if (spec.on_by_default) return true;
  return value.kind() != Kind::kList || !value.items().empty();
}

bool lies_in(std::string_view path, std::string_view part) {
  return path.starts_with(part) && (path.size() == part.size() || path[part.size()] == '.' || path[part.size()] == '[');
}

// A running operator that reads what this one would tell.
const OperatorSpec* reader_of(const OperatorSpec& writer, const std::vector<const OperatorSpec*>& running) {
  const auto reads = [&](const OperatorSpec* reader) {
    return std::ranges::find_first_of(reader->reads, writer.writes) != reader->reads.end();
  };
  const auto found = std::ranges::find_if(running, reads);
  return found == running.end() ? nullptr : *found;
}

LoadedApplication finish(LoadedConfig loaded, std::span<const OperatorSpec* const> known) {
  LoadedApplication result{{std::move(loaded.root), {}}, std::move(loaded.problems)};
  if (!loaded.is_read) return result;
  Application& application = result.application;
  const Value& operators = application.root.at("operators");
  ColumnCatalog columns;
  for (const OperatorSpec* spec : known) {
    if (!runs(*spec, operators.at(spec->name))) continue;
    const auto slot = static_cast<std::uint8_t>(application.operators.size());
    columns.add(slot, spec->columns);
    if (spec->columns_of) columns.add(slot, spec->columns_of(operators.at(spec->name)));
    application.operators.push_back(spec);
  }

  for (const OperatorSpec* spec : known) {
    const Value& own = operators.at(spec->name);
    if (!spec->on_by_default || !own.is_null()) continue;
    if (const OperatorSpec* const reader = reader_of(*spec, application.operators))
      result.problems.push_back({own.location(), fmt::format("is off, and operators.{} needs it", reader->name),
                                 fmt::format("leave `{}: false` out", spec->name)});
  }

  // Judged before the checks below add to them: whose keys are wrong cannot be asked further.
  const std::vector<Problem> loading = result.problems;
  check_engine(application.root, result.problems);
  check_webhooks(application.root, result.problems);
  for (const OperatorSpec* spec : application.operators) {
    const std::string path = "operators." + std::string(spec->name);
    const bool readable =
        std::ranges::none_of(loading, [&](const Problem& problem) { return lies_in(problem.location.path, path); });
    if (spec->check && readable)
      spec->check({application.config_of(*spec), application.root, columns}, result.problems);
  }
  sort_problems(result.problems);
  return result;
}

}  // namespace

LoadedApplication load_application(const std::string& file, std::span<const std::string> overrides,
                                   std::span<const OperatorSpec* const> known) {
  return finish(load(file, overrides, root_parameters(known)), known);
}

LoadedApplication load_application_text(std::string_view text, const std::string& name,
                                        std::span<const std::string> overrides,
                                        std::span<const OperatorSpec* const> known) {
  return finish(load_text(text, name, overrides, root_parameters(known)), known);
}

}  // namespace nudge::config
