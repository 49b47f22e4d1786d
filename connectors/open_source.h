// The source that a configuration names.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/value.h"
#include "connectors/source.h"
#include "engine/time.h"

namespace nudge::connectors {

struct SourceChoice {
  std::string folder;          // instead of what is configured; empty: as configured
  std::optional<Millis> from;  // earlier events are not wanted; a source may leave out what can only be earlier
};

// A bounded source, for a replay: what is there now. kConfig where the configuration names none.
Result<std::unique_ptr<Source>> open_source(const config::Value& root, const SourceChoice& choice);

}  // namespace nudge::connectors
