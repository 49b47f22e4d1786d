// The folder of a run's state: what it is, whose it is, and whether it may be used.
//
// A file NUDGE_STATE says which program wrote it, in which version of the format, and whether it belongs to `run` or to
// a replay. A folder that is neither empty nor nudge's is never touched.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "state/store.h"

namespace nudge::runtime {

inline constexpr int kStateFormat = 4;

struct StateFolder {
  std::unique_ptr<state::Store> store;
  bool fresh = true;  // nothing to resume
};

// Opens the folder for a replay: resumes an unfinished one of the same `identity` (a hash of configuration, input and
// output), replaces another or a finished one. kConfig where it belongs to `run`, is of another format, is in use or is
// not nudge's.
Result<StateFolder> open_for_replay(const std::string& folder, std::uint64_t identity,
                                    const state::StoreOptions& options);

// Opens the folder for a live run: goes on with what is there. kConfig where it belongs to a replay, to a run of
// another `identity` (a hash of name and partitions), is of another format, is in use or is not nudge's.
Result<StateFolder> open_for_run(const std::string& folder, std::uint64_t identity, const state::StoreOptions& options);

// Marks the replay as finished: the next one replaces it.
Status mark_finished(const std::string& folder, std::uint64_t identity);

}  // namespace nudge::runtime
