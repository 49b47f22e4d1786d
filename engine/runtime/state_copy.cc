#include "engine/runtime/state_copy.h"

#include <fmt/core.h>

#include <filesystem>
#include <map>

#include "connectors/kafka/topics.h"
#include "engine/runtime/state_folder.h"
#include "engine/runtime/state_keys.h"

namespace nudge::runtime {
namespace {

namespace fs = std::filesystem;
namespace kafka = connectors::kafka;

constexpr std::size_t kKindAt = 2;
constexpr std::uint64_t kMemory = 64 << 20;
constexpr char kPlaces = 'y';  // connectors/kafka/changelog.cc

std::string name_of(bool shared, char kind) {
  switch (kind) {
    case key::kVisitorRecords:
      return "records of visitors";
    case key::kVisitor:
      return "visitors";
    case key::kPiece:
      return "customers, long parts";
    case key::kTimeline:
      return "timelines";
    case key::kCustomer:
      return "customers";
    case key::kTaskPiece:
    case key::kOperatorState:
      return "operators, by task";
    case key::kProducts:
      return "products";
    case key::kTransaction:
      return "transactions";
    case key::kIdentityCounts:
    case key::kKeyedClock:
    case key::kLedgerCounts:
      return "clocks and counts";
    case key::kRepeats:
      return "event ids";
    case key::kGlobalState:
      return "operators, of the whole";
    case key::kRun:
      return "the run itself";
    case kPlaces:
      return "places in the changelog";
    default:
      return fmt::format("{} '{}'", shared ? "shared" : "of tasks", kind);
  }
}

Result<StateMarker> marker_in(const std::string& folder) {
  const auto marker = read_marker(folder);
  if (!marker)
    return Status::config(folder + ": is no state of nudge; name the folder of a run, a replay or an export");
  NUDGE_TRY(check_format(folder, *marker));
  return *marker;
}

state::StoreOptions options_of(const std::string& folder) {
  state::StoreOptions options;
  options.folder = store_in(folder);
  options.memory_budget_bytes = kMemory;
  return options;
}

Status make_empty(const std::string& folder, std::string_view what) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder))
    return Status::io(fmt::format("{}: cannot be made ({}); name a folder that can be written", folder,
                                  error ? error.message() : "it is a file"));
  if (!fs::is_empty(folder, error))
    return Status::config(fmt::format("{}: is not empty; remove what is there, or {} another folder", folder, what));
  return Status::ok();
}

Status copy_files(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy(from, to, fs::copy_options::recursive, error);
  if (!error) return Status::ok();
  std::error_code ignored;
  fs::remove_all(to, ignored);
  return Status::io(fmt::format("{}: cannot be copied to {} ({}); check the rights and the space on the disk",
                                from.string(), to.string(), error.message()));
}

}  // namespace

Result<StateDescription> describe_state(const std::string& folder) {
  StateDescription description;
  NUDGE_ASSIGN(description.marker, marker_in(folder));
  NUDGE_ASSIGN(const auto store, state::open_rocksdb(options_of(folder)));
  std::map<std::string, StateDescription::Kind> kinds;
  const auto cursor = store->scan({}, {});
  for (; cursor->valid(); cursor->next()) {
    const std::string_view stored = cursor->key();
    if (stored.size() <= kKindAt) continue;
    StateDescription::Kind& kind = kinds[name_of(stored.starts_with("\xff\xff"), stored[kKindAt])];
    ++kind.keys;
    kind.bytes += stored.size() + cursor->value().size();
  }
  NUDGE_TRY(cursor->status());
  for (auto& [name, kind] : kinds) {
    kind.name = name;
    description.kinds.push_back(kind);
  }
  if (description.marker.partitions == 0) return description;
  const kafka::Changelog changelog{kafka::changelog_topic(description.marker.name), description.marker.partitions};
  for (int partition = 0; partition < changelog.partitions(); ++partition) {
    NUDGE_ASSIGN(auto place, kafka::place_in(*store, changelog, partition));
    description.places.push_back(place);
  }
  return description;
}

Status export_state(const std::string& folder, const RunIdentity& identity, const std::string& to) {
  NUDGE_ASSIGN(StateMarker marker, marker_in(folder));
  if (marker.owner != "run")
    return Status::config(
        fmt::format("{}: is the state of `nudge {}`; only that of a run is exported", folder, marker.owner));
  NUDGE_TRY(check_run(folder, marker, identity));
  NUDGE_TRY(make_empty(to, "export to"));
  if (Status copied = state::copy_rocksdb(options_of(folder), store_in(to)); !copied) {
    std::error_code ignored;
    fs::remove(to, ignored);  // where it is still empty
    return copied;
  }
  marker = marker_of_run(identity);
  marker.owner = "export";
  marker.instance.clear();
  return write_marker(to, marker);
}

Status import_state(const std::string& from, const RunIdentity& identity, const std::string& folder) {
  NUDGE_ASSIGN(const StateMarker marker, marker_in(from));
  if (marker.owner != "export")
    return Status::config(
        fmt::format("{}: is the state of `nudge {}` itself; make a copy of it with `nudge state "
                    "export`",
                    from, marker.owner));
  NUDGE_TRY(check_run(from, marker, identity));
  NUDGE_TRY(make_empty(folder, "import to"));
  NUDGE_TRY(copy_files(store_in(from), store_in(folder)));
  NUDGE_TRY(state::open_rocksdb(options_of(folder)).status());
  // Last: a folder without it is refused.
  return write_marker(folder, marker_of_run(identity));
}

}  // namespace nudge::runtime
