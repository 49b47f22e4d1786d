// Output topics as files: DIR/<topic>.jsonl.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/sink.h"

namespace nudge::connectors {

// Makes the folder. The files are made by reset() or taken over by rewind(); every topic has one, even an empty one.
// Another process that writes them is a failure, kConfig.
Result<std::unique_ptr<Sink>> make_file_sink(const std::string& folder, const std::vector<std::string>& topics);

}  // namespace nudge::connectors
