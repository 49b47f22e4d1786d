// The file NUDGE_STATE in a folder of state: which program wrote it, in which version of the format, for whom.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/status.h"

namespace nudge::runtime {

inline constexpr int kStateFormat = 7;

// Who may use a run's state, and nobody else.
struct RunIdentity {
  std::string name;              // the application's
  std::uint32_t partitions = 0;  // engine.partitions
  std::uint64_t hash() const;
};

struct StateMarker {
  int format = kStateFormat;
  std::string owner;  // run, replay, export
  std::uint64_t identity = 0;
  bool finished = false;  // of a replay
  std::string instance;   // of a run: the folder's own name, drawn when it was made
  // Of a run or an export; empty and 0 in folders that older programs have made.
  std::string name, engine;
  std::uint32_t partitions = 0;
};

// Nothing where the folder has none.
std::optional<StateMarker> read_marker(const std::string& folder);
Status write_marker(const std::string& folder, const StateMarker& marker);
// A run's, for a folder that is made now.
StateMarker marker_of_run(const RunIdentity& identity);

// kConfig, with what to do, where the marker is of another format or the state of another run.
Status check_format(const std::string& folder, const StateMarker& marker);
Status check_run(const std::string& folder, const StateMarker& marker, const RunIdentity& identity);

}  // namespace nudge::runtime
