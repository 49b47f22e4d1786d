#include "engine/runtime/state_folder.h"

#include <fmt/core.h>

#include <filesystem>

namespace nudge::runtime {

namespace {

namespace fs = std::filesystem;

// What the folder, which is made where it is missing, says of itself; kConfig where it is not this owner's.
Result<std::optional<StateMarker>> marker_for(std::string_view owner, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder))
    return Status::io(fmt::format("{}: cannot be made ({}); set engine.state_dir to a folder that can be written",
                                  folder, error ? error.message() : "it is a file"));
  auto marker = read_marker(folder);
  if (!marker && !fs::is_empty(folder, error))
    return Status::config(
        fmt::format("{}: holds files that are not nudge's; set engine.state_dir to a folder of its own", folder));
  if (!marker) return marker;
  NUDGE_TRY(check_format(folder, *marker));
  if (marker->owner == "export")
    return Status::config(fmt::format("{}: is an exported state; import it with `nudge state import`", folder));
  if (marker->owner != owner)
    return Status::config(
        fmt::format("{}: is the state of `nudge {}`, which `nudge {}` must not touch; set engine.state_dir to another "
                    "folder",
                    folder, marker->owner, owner));
  return marker;
}

StateMarker marker_of_replay(std::uint64_t identity, bool finished) {
  StateMarker marker;
  marker.owner = "replay";
  marker.identity = identity;
  marker.finished = finished;
  return marker;
}

}  // namespace

std::string store_in(const std::string& folder) { return (fs::path(folder) / "db").string(); }

Result<StateFolder> open_for_replay(const std::string& folder, std::uint64_t identity,
                                    const state::StoreOptions& options) {
  NUDGE_ASSIGN(const auto marker, marker_for("replay", folder));
  const bool resume = marker && !marker->finished && marker->identity == identity;
  state::StoreOptions store_options = options;
  store_options.folder = store_in(folder);
  if (!resume) {
    // Opening first fails where another process is at work here.
    if (marker && fs::exists(store_options.folder)) {
      auto used = state::open_rocksdb(store_options);
      if (!used && used.status().error_class() == ErrorClass::kConfig) return used.status();
    }
    std::error_code error;
    fs::remove_all(store_options.folder, error);
    NUDGE_TRY(write_marker(folder, marker_of_replay(identity, false)));
  }
  NUDGE_ASSIGN(auto store, state::open_rocksdb(store_options));
  return StateFolder{std::move(store), !resume, ""};
}

Result<StateFolder> open_for_run(const std::string& folder, const RunIdentity& identity,
                                 const state::StoreOptions& options) {
  NUDGE_ASSIGN(auto marker, marker_for("run", folder));
  if (marker) NUDGE_TRY(check_run(folder, *marker, identity));
  const bool fresh = !marker;
  // A folder that an older program has made has no name yet.
  if (fresh || marker->instance.empty()) {
    marker = marker_of_run(identity);
    NUDGE_TRY(write_marker(folder, *marker));
  }
  state::StoreOptions store_options = options;
  store_options.folder = store_in(folder);
  NUDGE_ASSIGN(auto store, state::open_rocksdb(store_options));
  return StateFolder{std::move(store), fresh, marker->instance};
}

Status mark_finished(const std::string& folder, std::uint64_t identity) {
  return write_marker(folder, marker_of_replay(identity, true));
}

}  // namespace nudge::runtime
