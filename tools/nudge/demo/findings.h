// What the demo tells of a replay's output: five targets with their reasons, and how good the scores were on
// customers whose outcome was not yet known when they were scored.
#pragma once

#include <string>

#include "engine/status.h"

namespace nudge::demo {

// Reads targets.state.jsonl and report.json of an output folder; the text is ready to print.
Result<std::string> findings(const std::string& output_folder);

}  // namespace nudge::demo
