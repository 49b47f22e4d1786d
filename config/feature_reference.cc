#include "config/feature_reference.h"

#include <fmt/core.h>

#include <algorithm>

namespace nudge::config {
namespace {

std::string_view type_name(ValueType type) {
  switch (type) {
    case ValueType::kInteger:
      return "whole number";
    case ValueType::kReal:
      return "number";
    case ValueType::kText:
      return "text";
  }
  return {};
}

}  // namespace

std::string feature_page(std::span<const OperatorSpec* const> operators) {
  std::string page =
      "# Features\n\n"
      "What scores know of a customer, and of a session while it lasts. Each is what it was when the score was made; "
      "unknown is\n"
      "a value of its own. A number is rounded to a float, a text is one of 64 buckets by its hash. Facts that are "
      "taken back,\n"
      "corrected or moved to another customer leave no trace in them.\n";
  for (const OperatorSpec* spec : operators) {
    if (spec->derived.empty() && std::none_of(spec->columns.begin(), spec->columns.end(), is_feature)) continue;
    page += fmt::format("\n## {}\n\n{}", spec->name, spec->summary);
    if (!spec->derived.empty())
      page += " Makes these of the columns of others, and keeps nothing for them.";
    else if (spec->section)
      page += fmt::format(" Kept with each customer in the section `{}`, version {}, of at most {} KiB.", spec->name,
                          spec->section->version, spec->section->bytes_max / 1024);
    page += "\n\n| feature | type | unit | of | meaning |\n|---|---|---|---|---|\n";
    for (const std::span<const Column> columns : {spec->columns, spec->derived})
      for (const Column& column : columns)
        if (is_feature(column))
          page += fmt::format("| `{}` | {} | {} | {} | {} |\n", column.name, type_name(column.type), column.unit,
                              has_use(column.use, ColumnUse::kSessionFeature) ? "session" : "customer", column.meaning);
  }
  return page;
}

}  // namespace nudge::config
