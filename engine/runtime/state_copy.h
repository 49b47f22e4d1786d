// States that travel: what a folder holds, a copy of it to be carried elsewhere, and a folder made of such a copy.
//
// A copy is a folder, too: NUDGE_STATE with the owner `export`, and a store as of one moment. It has no instance's
// name, so that whoever works on it is another one than where it came from. How far the changelog had come is in the
// store: a run goes on from there, and reads the rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/kafka/changelog.h"
#include "engine/runtime/state_marker.h"

namespace nudge::runtime {

struct StateDescription {
  StateMarker marker;
  struct Kind {
    std::string name;  // what the keys hold, in words
    std::uint64_t keys = 0, bytes = 0;
  };
  std::vector<Kind> kinds;
  // Of the changelog's partitions; nothing where the store has nothing of one, empty for a replay's state.
  std::vector<std::optional<connectors::kafka::ChangelogPlace>> places;
};

// Reads every key. All three fail with kConfig where the folder is not nudge's, is of another format or is in use.
Result<StateDescription> describe_state(const std::string& folder);

// `to` is made; it must not exist or be empty. Only of a run's state, which no process may be using.
Status export_state(const std::string& folder, const RunIdentity& identity, const std::string& to);

// `folder` must not exist or be empty; `from` must be of the same identity, else kConfig.
Status import_state(const std::string& from, const RunIdentity& identity, const std::string& folder);

}  // namespace nudge::runtime
