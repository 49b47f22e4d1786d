// `--set operators.scores[0].every=7d`: one value of the file replaced on the command line.
#pragma once

#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/parameter.h"

namespace nudge::config {

inline constexpr std::string_view kOverrideFile = "--set";

// Puts the override `path=value` into the tree; the value is YAML. An item of a list is `a[0]` or `a.0`, the one after
// the last appends; a table's key may contain dots (kafka.bootstrap.servers). The parameter says which of these a
// name is; unknown names are put in, too, for the checker to refuse.
void apply_override(Written& root, const Parameter& parameter, std::string_view text, std::vector<Problem>& problems);

}  // namespace nudge::config
