// Reads a configuration: one YAML file, changed by overrides, checked against its parameters.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/parameter.h"
#include "config/value.h"

namespace nudge::config {

struct LoadedConfig {
  Value root;                     // complete and readable even where there are problems (config/checker.h)
  std::vector<Problem> problems;  // all at once: by line, overrides last
  bool is_read = true;            // false: there is no such file or it is no YAML, and nothing else can be said
};

// Each override is `a.b.c=value`, applied in order (config/override.h). Paths in the configuration stay as they are
// written: relative to the working directory.
LoadedConfig load(const std::string& file, std::span<const std::string> overrides, const Parameter& root);
// The same of a text; `name` stands for the file in problems.
LoadedConfig load_text(std::string_view text, const std::string& name, std::span<const std::string> overrides,
                       const Parameter& root);

// In the order of lines; those without a line are the last.
void sort_problems(std::vector<Problem>& problems);

}  // namespace nudge::config
