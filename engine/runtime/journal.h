// The journal of a live run: how its rounds were cut, and how far each commit came.
//
// Records of `<name>.journal` are JSON objects: a cut (cut.h), or {"committed": round, "counters": {…}}. Both are part
// of the transaction that commits what they tell of, so that a reader of committed data sees nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/kafka/settings.h"
#include "engine/runtime/cut.h"

namespace nudge::runtime {

std::string commit_note(std::uint64_t round, const std::string& counters);

// The cuts, in order; none where there is no journal. kInputOutput where it cannot be followed: its beginning is gone,
// or it names partitions that the input does not have.
Result<std::vector<Cut>> read_cuts(const connectors::kafka::Settings& settings,
                                   const std::vector<connectors::PartitionInfo>& partitions);
// `counters` of the last commit, as JSON; empty where there is none.
Result<std::string> read_counters(const connectors::kafka::Settings& settings);

}  // namespace nudge::runtime
