// nudge dlq list|show|reinject: what was refused, why, and the way back.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include "engine/decode.h"
#include "engine/log.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"
#include "tools/nudge/dead_letters/listing.h"
#include "tools/nudge/dead_letters/reinject.h"

namespace nudge::program {
namespace {

namespace dlq = dead_letters;

struct DlqChoices {
  ConfigOption config;
  std::string output;  // a folder to read, instead of what is configured
  std::string topic, error_class;
  // list
  bool records = false;
  std::size_t limit = 50;
  std::string format = "table";
  // show, reinject
  std::vector<std::string> places;
  std::string into, mended;
  bool all = false, force = false;
  const CLI::App *list = nullptr, *show = nullptr, *reinject = nullptr;
};

Result<config::Application> configuration(const DlqChoices& choices, const char* instead) {
  if (choices.config.file.empty()) return Status::usage(std::string("--config is required, or ") + instead);
  return load_application(choices.config);
}

Result<std::unique_ptr<dlq::Source>> open_source(const DlqChoices& choices) {
  if (!choices.output.empty()) return dlq::open_folder(choices.output);
  NUDGE_ASSIGN(const config::Application application, configuration(choices, "--output"));
  return dlq::open_configured(application.root);
}

Result<std::unique_ptr<dlq::Input>> open_input(const DlqChoices& choices) {
  if (!choices.into.empty()) return dlq::open_input_folder(choices.into);
  NUDGE_ASSIGN(const config::Application application, configuration(choices, "--into"));
  return dlq::open_configured_input(application.root);
}

dlq::Filter filter_of(const DlqChoices& choices) { return {topic_named(choices.topic), choices.error_class}; }

Result<std::vector<dlq::Place>> places_of(const DlqChoices& choices) {
  std::vector<dlq::Place> places;
  for (const std::string& text : choices.places) {
    const auto place = dlq::parse_place(text);
    if (!place) return Status::usage("\"" + text + "\" is no place; write TOPIC/PARTITION/OFFSET: transactions/0/17");
    places.push_back(*place);
  }
  std::ranges::sort(places);
  return places;
}

Status run_list(const DlqChoices& choices) {
  NUDGE_ASSIGN(const auto source, open_source(choices));
  NUDGE_ASSIGN(const Table table, choices.records ? dlq::list(*source, filter_of(choices), choices.limit)
                                                  : dlq::count(*source, filter_of(choices), choices.limit));
  print(table, choices.format);
  return Status::ok();
}

// Byte for byte, but for a terminal, which bytes from elsewhere must not steer.
void write_raw(std::string raw) {
  if (isatty(STDOUT_FILENO) != 0)
    std::ranges::replace_if(
        raw, [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') || c == '\x7f'; },
        '?');
  raw.push_back('\n');
  std::fwrite(raw.data(), 1, raw.size(), stdout);
}

Status run_show(const DlqChoices& choices) {
  NUDGE_ASSIGN(const auto places, places_of(choices));
  NUDGE_ASSIGN(const auto source, open_source(choices));
  std::optional<dlq::DeadLetter> found;
  NUDGE_TRY(source->walk([&](dlq::DeadLetter&& letter) {
    if (letter.place == places.front()) found = std::move(letter);
    return true;  // of several the last is shown: the same place may be that of a topic that was made anew
  }));
  if (!found) return Status::usage(choices.places.front() + ": no dead letter of this place is there");
  log::info("dead letter place={} event_time={} error_class={} message=\"{}\"", to_string(found->place),
            found->event_time, found->error_class, found->message);
  write_raw(std::move(found->raw));
  return Status::ok();
}

Status run_reinject(const DlqChoices& choices) {
  dlq::ReinjectOptions options;
  NUDGE_ASSIGN(options.selection.places, places_of(choices));
  options.selection.filter = filter_of(choices);
  options.force = choices.force;
  if (choices.places.empty() && choices.topic.empty() && choices.error_class.empty() && !choices.all)
    return Status::usage("say which: places, --topic, --class, or --all");
  if (!choices.mended.empty()) {
    std::ifstream file(choices.mended, std::ios::binary);
    options.mended.emplace(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (!file.is_open() || file.bad()) return Status::io(choices.mended + ": cannot be read; name a file");
    while (options.mended->ends_with('\n')) options.mended->pop_back();
  }
  NUDGE_ASSIGN(const auto source, open_source(choices));
  NUDGE_ASSIGN(const dlq::Reinjected done, dlq::reinject(
                                               *source, [&choices] { return open_input(choices); }, options));
  log::info("reinjected records={} still_bad={}", done.records, done.bad);
  return Status::ok();
}

void declare_source(CLI::App& command, DlqChoices& choices) {
  choices.config.declare(command);
  command.get_option("--config")->required(false);
  command
      .add_option("--output,-o", choices.output, "Read the output folder of a replay, instead of what is configured")
      ->type_name("DIR");
}

void declare_filter(CLI::App& command, DlqChoices& choices) {
  command.add_option("--topic", choices.topic, "Only of this input topic")
      ->check(CLI::IsMember(std::vector<std::string>(kTopicNames.begin(), kTopicNames.end())))
      ->type_name("TOPIC");
  command.add_option("--class", choices.error_class, "Only of this error class")
      ->check(CLI::IsMember(std::vector<std::string>(kBadRecordClasses.begin(), kBadRecordClasses.end())))
      ->type_name("CLASS");
}

Status run_chosen(const DlqChoices& choices) {
  if (choices.list->parsed()) return run_list(choices);
  return choices.show->parsed() ? run_show(choices) : run_reinject(choices);
}

}  // namespace

Run declare_dlq(CLI::App& command) {
  auto choices = std::make_shared<DlqChoices>();
  command.require_subcommand(1);
  CLI::App* const list = command.add_subcommand("list", "Count dead letters by topic and error class, or list them");
  CLI::App* const show = command.add_subcommand("show", "Print the bytes of one dead letter, as they were read");
  CLI::App* const reinject =
      command.add_subcommand("reinject", "Send dead letters that are good by now to their input");
  choices->list = list;
  choices->show = show;
  choices->reinject = reinject;
  for (CLI::App* const each : {list, show, reinject}) declare_source(*each, *choices);
  declare_filter(*list, *choices);
  declare_filter(*reinject, *choices);
  list->add_flag("--records", choices->records, "One row for each dead letter instead of counts");
  list->add_option("--limit", choices->limit, "The most rows")
      ->check(CLI::Range(1, 10'000'000))
      ->type_name("N")
      ->capture_default_str();
  list->add_option("--format", choices->format, "How rows are printed")
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(kTableFormats), std::end(kTableFormats))))
      ->capture_default_str();
  show->add_option("PLACE", choices->places, "TOPIC/PARTITION/OFFSET, such as transactions/0/17")
      ->required()
      ->expected(1);
  reinject->add_option("PLACE", choices->places, "TOPIC/PARTITION/OFFSET; any number of them");
  reinject->add_option("--into", choices->into, "Write new files into this input folder, instead of what is configured")
      ->type_name("DIR");
  reinject->add_option("--mended", choices->mended, "Send this file's content in place of the one record")
      ->type_name("FILE");
  reinject->add_flag("--all", choices->all, "All dead letters");
  reinject->add_flag("--force", choices->force, "Also what is still bad, which becomes a dead letter again");
  return [choices] { return run_chosen(*choices); };
}

}  // namespace nudge::program
