// nudge state info|export|import: what a state folder holds, and states that travel from one machine to another.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "config/engine_parameters.h"
#include "engine/log.h"
#include "engine/runtime/state_copy.h"
#include "engine/time.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"
#include "tools/nudge/table.h"

namespace nudge::program {
namespace {

struct StateChoices {
  ConfigOption config;
  std::string folder;  // of info, instead of the configuration's
  std::string output, input;
  const CLI::App *info = nullptr, *exported = nullptr;
};

struct Place {
  std::string folder;
  runtime::RunIdentity identity;
};

Result<Place> place_of(const ConfigOption& option) {
  NUDGE_ASSIGN(const config::Application application, load_application(option));
  const config::Value& root = application.root;
  const auto partitions = static_cast<std::uint32_t>(root.at("engine").at("partitions").integer());
  return Place{config::state_folder(root), {root.at("name").text(), partitions}};
}

std::string words_of(const runtime::StateMarker& marker) {
  if (marker.name.empty()) return fmt::format("{}, format {}", marker.owner, marker.format);
  return fmt::format("{} of {}, {} partitions, format {}, by nudge {}", marker.owner, marker.name, marker.partitions,
                     marker.format, marker.engine);
}

void print(const std::string& folder, const runtime::StateDescription& state) {
  fmt::print("state     {}\nof        {}\n", folder, words_of(state.marker));
  if (!state.marker.instance.empty()) fmt::print("instance  {}\n", state.marker.instance);
  Table kinds{.columns = {"what", "keys", "bytes"}, .rows = {}};
  for (const auto& kind : state.kinds) kinds.rows.push_back({kind.name, kind.keys, kind.bytes});
  fmt::print("\n{}", kinds.text());
  if (state.places.empty()) return;
  Table places{.columns = {"changelog", "next", "as of"}, .rows = {}};
  for (std::size_t partition = 0; partition < state.places.size(); ++partition) {
    const auto& place = state.places[partition];
    places.rows.push_back({partition, place ? Cell(static_cast<std::uint64_t>(place->next)) : Cell("nothing"),
                           place ? format_time(place->at) : ""});
  }
  fmt::print("\n{}", places.text());
}

Status info(const StateChoices& choices) {
  std::string folder = choices.folder;
  if (folder.empty()) {
    if (choices.config.file.empty()) return Status::usage("name the folder with --state, or a configuration");
    NUDGE_ASSIGN(const Place place, place_of(choices.config));
    folder = place.folder;
  }
  NUDGE_ASSIGN(const runtime::StateDescription state, runtime::describe_state(folder));
  print(folder, state);
  return Status::ok();
}

Status run(const StateChoices& choices) {
  if (choices.info->parsed()) return info(choices);
  NUDGE_ASSIGN(const Place place, place_of(choices.config));
  if (choices.exported->parsed()) {
    NUDGE_TRY(runtime::export_state(place.folder, place.identity, choices.output));
    log::info("exported state={} output={}", place.folder, choices.output);
    return Status::ok();
  }
  NUDGE_TRY(runtime::import_state(choices.input, place.identity, place.folder));
  log::info("imported input={} state={}", choices.input, place.folder);
  return Status::ok();
}

}  // namespace

Run declare_state(CLI::App& command) {
  auto choices = std::make_shared<StateChoices>();
  command.require_subcommand(1);
  CLI::App* const info = command.add_subcommand("info", "Whose a state is, what it holds, and how far it has come");
  CLI::App* const exported = command.add_subcommand("export", "Copy a run's state, which is not in use, to a folder");
  CLI::App* const imported = command.add_subcommand("import", "Make a run's state of an exported one");
  for (CLI::App* const each : {info, exported, imported}) choices->config.declare(*each);
  info->get_option("--config")->required(false);
  info->add_option("--state", choices->folder, "The folder, instead of engine.state_dir")->type_name("DIR");
  exported->add_option("--output,-o", choices->output, "The folder for the copy; new or empty")
      ->required()
      ->type_name("DIR");
  imported->add_option("--input,-i", choices->input, "The exported folder")->required()->type_name("DIR");
  choices->info = info;
  choices->exported = exported;
  return [choices] { return run(*choices); };
}

}  // namespace nudge::program
