#include "engine/runtime/state_folder.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace nudge::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarker = "NUDGE_STATE";

struct Marker {
  int format = 0;
  std::string owner;  // run, replay
  std::uint64_t identity = 0;
  bool finished = false;
};

std::string text_of(const Marker& marker) {
  return fmt::format("nudge state\nformat {}\nowner {}\nidentity {:016x}\n{}\n", marker.format, marker.owner,
                     marker.identity, marker.finished ? "finished" : "unfinished");
}

Status write(const fs::path& folder, const Marker& marker) {
  const fs::path path = folder / kMarker, draft = folder / (std::string(kMarker) + ".new");
  std::FILE* const file = std::fopen(draft.c_str(), "w");
  const std::string text = text_of(marker);
  const bool written = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = file && std::fclose(file) == 0;
  std::error_code error;
  if (written && closed) fs::rename(draft, path, error);
  if (!written || !closed || error)
    return Status::io(fmt::format("{}: cannot be written; check the rights and the space on the disk", path.string()));
  return Status::ok();
}

std::optional<Marker> read(const fs::path& folder) {
  std::ifstream file(folder / kMarker);
  std::string line, word;
  if (!std::getline(file, line) || line != "nudge state") return std::nullopt;
  Marker marker;
  while (file >> word) {
    if (word == "format") file >> marker.format;
    if (word == "owner") file >> marker.owner;
    if (word == "identity") file >> std::hex >> marker.identity >> std::dec;
    if (word == "finished") marker.finished = true;
  }
  return marker;
}

// What the folder, which is made where it is missing, says of itself; kConfig where it is not this owner's.
Result<std::optional<Marker>> marker_for(std::string_view owner, const std::string& name) {
  const fs::path folder(name);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder))
    return Status::io(fmt::format("{}: cannot be made ({}); set engine.state_dir to a folder that can be written", name,
                                  error ? error.message() : "it is a file"));
  const auto marker = read(folder);
  if (!marker && !fs::is_empty(folder, error))
    return Status::config(
        fmt::format("{}: holds files that are not nudge's; set engine.state_dir to a folder of its own", name));
  if (marker && marker->format != kStateFormat)
    return Status::config(
        fmt::format("{}: the state is of format {}, this program writes format {}; remove the folder or "
                    "set engine.state_dir to another one",
                    name, marker->format, kStateFormat));
  if (marker && marker->owner != owner)
    return Status::config(
        fmt::format("{}: is the state of `nudge {}`, which `nudge {}` must not touch; set engine.state_dir to another "
                    "folder",
                    name, marker->owner, owner));
  return marker;
}

}  // namespace

Result<StateFolder> open_for_replay(const std::string& name, std::uint64_t identity,
                                    const state::StoreOptions& options) {
  NUDGE_ASSIGN(const auto marker, marker_for("replay", name));
  const fs::path folder(name);
  const bool resume = marker && !marker->finished && marker->identity == identity;
  state::StoreOptions store_options = options;
  store_options.folder = (folder / "db").string();
  if (!resume) {
    // Opening first fails where another process is at work here.
    if (marker && fs::exists(folder / "db")) {
      auto used = state::open_rocksdb(store_options);
      if (!used && used.status().error_class() == ErrorClass::kConfig) return used.status();
    }
    std::error_code error;
    fs::remove_all(folder / "db", error);
    NUDGE_TRY(write(folder, {kStateFormat, "replay", identity, false}));
  }
  NUDGE_ASSIGN(auto store, state::open_rocksdb(store_options));
  return StateFolder{std::move(store), !resume};
}

Result<StateFolder> open_for_run(const std::string& name, std::uint64_t identity, const state::StoreOptions& options) {
  NUDGE_ASSIGN(const auto marker, marker_for("run", name));
  if (marker && marker->identity != identity)
    return Status::config(
        fmt::format("{}: is the state of a run with another `name` or another number of engine.partitions; set them as "
                    "they were, or set engine.state_dir to another folder",
                    name));
  if (!marker) NUDGE_TRY(write(name, {kStateFormat, "run", identity, false}));
  state::StoreOptions store_options = options;
  store_options.folder = (fs::path(name) / "db").string();
  NUDGE_ASSIGN(auto store, state::open_rocksdb(store_options));
  return StateFolder{std::move(store), !marker};
}

Status mark_finished(const std::string& folder, std::uint64_t identity) {
  return write(folder, {kStateFormat, "replay", identity, true});
}

}  // namespace nudge::runtime
