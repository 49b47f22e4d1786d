// What a live run has committed, as a replay would have written it.
#pragma once

#include <string>

#include "config/application.h"
#include "engine/status.h"

namespace nudge {

// Reads every output topic of the configuration from Kafka into <folder>/<topic>.jsonl: records by partition, in their
// order; of `targets.state` what holds now, by key. report.json has the counters of the last commit.
Status export_topics(const config::Application& application, const std::string& folder);

}  // namespace nudge
