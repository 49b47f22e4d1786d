// The declaration of one configuration key. From it come validation, defaults, the JSON Schema and the
// reference page; nothing about a key is written down twice.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "config/value.h"

namespace nudge::config {

struct Parameter {
  std::string_view name = {};  // empty for the items of a list or table
  Kind kind = Kind::kText;
  // As it would be written in YAML. Empty: none; then the key is required or optional (null where not given).
  std::string_view default_text = {};
  bool required = false;
  bool may_be_off = false;                                  // `false` is null, whatever the default
  std::string_view help = {};                               // one sentence
  double least = -std::numeric_limits<double>::infinity();  // numbers, durations (ms), sizes (bytes)
  double most = std::numeric_limits<double>::infinity();
  std::span<const std::string_view> choices = {};
  std::span<const Parameter> members = {};  // kObject; kList and kTable: exactly one, the item
};

}  // namespace nudge::config
