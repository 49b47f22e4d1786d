// The folder of a run's state: whether it may be used, and the store in it.
//
// A file NUDGE_STATE (state_marker.h) says what it is. A folder that is neither empty nor nudge's is never touched.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/runtime/state_marker.h"
#include "state/store.h"

namespace nudge::runtime {

struct StateFolder {
  std::unique_ptr<state::Store> store;
  bool fresh = true;     // nothing to resume
  std::string instance;  // of a run: what no other folder is called
};

// Opens the folder for a replay: resumes an unfinished one of the same `identity` (a hash of configuration, input and
// output), replaces another or a finished one. kConfig where it belongs to `run`, is of another format, is in use or is
// not nudge's.
Result<StateFolder> open_for_replay(const std::string& folder, std::uint64_t identity,
                                    const state::StoreOptions& options);

// Opens the folder for a live run: goes on with what is there. kConfig where it belongs to a replay, to a run of
// another identity, is of another format, is in use or is not nudge's.
Result<StateFolder> open_for_run(const std::string& folder, const RunIdentity& identity,
                                 const state::StoreOptions& options);

// Marks the replay as finished: the next one replaces it.
Status mark_finished(const std::string& folder, std::uint64_t identity);

// Where the store is in the folder.
std::string store_in(const std::string& folder);

}  // namespace nudge::runtime
