#include "engine/runtime/state_marker.h"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "engine/hash.h"
#include "engine/output.h"

namespace nudge::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarker = "NUDGE_STATE";

std::string text_of(const StateMarker& marker) {
  std::string text = fmt::format("nudge state\nformat {}\nowner {}\nidentity {:016x}\n{}\n", marker.format,
                                 marker.owner, marker.identity, marker.finished ? "finished" : "unfinished");
  if (!marker.instance.empty()) text += fmt::format("instance {}\n", marker.instance);
  if (!marker.name.empty())
    text += fmt::format("name {}\npartitions {}\nengine {}\n", marker.name, marker.partitions, marker.engine);
  return text;
}

// Two hosts may have one name and the same path, so neither makes a folder's name. It reaches no output.
std::string drawn_name() {
  std::random_device random;
  return fmt::format("{:08x}", random());
}

}  // namespace

std::uint64_t RunIdentity::hash() const { return mix(hash64(name), partitions); }

std::optional<StateMarker> read_marker(const std::string& folder) {
  std::ifstream file(fs::path(folder) / kMarker);
  std::string line, word;
  if (!std::getline(file, line) || line != "nudge state") return std::nullopt;
  StateMarker marker;
  while (file >> word) {
    if (word == "format") file >> marker.format;
    if (word == "owner") file >> marker.owner;
    if (word == "identity") file >> std::hex >> marker.identity >> std::dec;
    if (word == "finished") marker.finished = true;
    if (word == "instance") file >> marker.instance;
    if (word == "name") file >> marker.name;
    if (word == "partitions") file >> marker.partitions;
    if (word == "engine") file >> marker.engine;
  }
  return marker;
}

Status write_marker(const std::string& folder, const StateMarker& marker) {
  const fs::path path = fs::path(folder) / kMarker, draft = fs::path(folder) / (std::string(kMarker) + ".new");
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

StateMarker marker_of_run(const RunIdentity& identity) {
  StateMarker marker;
  marker.owner = "run";
  marker.identity = identity.hash();
  marker.instance = drawn_name();
  marker.name = identity.name;
  marker.engine = kEngineVersion;
  marker.partitions = identity.partitions;
  return marker;
}

Status check_format(const std::string& folder, const StateMarker& marker) {
  if (marker.format == kStateFormat) return Status::ok();
  return Status::config(
      fmt::format("{}: the state is of format {}, this program writes format {}; remove the folder or "
                  "set engine.state_dir to another one",
                  folder, marker.format, kStateFormat));
}

Status check_run(const std::string& folder, const StateMarker& marker, const RunIdentity& identity) {
  if (marker.identity == identity.hash()) return Status::ok();
  return Status::config(fmt::format(
      "{}: is the state of a run with another `name` or another number of engine.partitions{}; set them as they were, "
      "or set engine.state_dir to another folder",
      folder, marker.name.empty() ? "" : fmt::format(" ({}, {})", marker.name, marker.partitions)));
}

}  // namespace nudge::runtime
