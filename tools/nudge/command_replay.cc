// nudge replay: a bounded backtest from files, on the same operators as `run`.
#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>

#include "config/override.h"
#include "config/scalar.h"
#include "connectors/http/observability.h"
#include "engine/runtime/replay.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"
#include "tools/nudge/progress.h"

namespace nudge::program {
namespace {

struct ReplayChoices {
  ConfigOption config;
  std::string input, output;
  std::string from, until;
  std::string speed = "max";
  std::optional<int> threads;
  bool ideal_order = false;
};

// As in event_time: RFC 3339 with an offset, or integer milliseconds.
Result<std::optional<Millis>> time_of(const char* option, const std::string& text) {
  if (text.empty()) return std::optional<Millis>();
  std::optional<Millis> time = parse_time(text);
  if (!time) time = config::parse_integer(text);
  if (!time || *time < 0 || *time > kLastTime)
    return Status::usage(std::string(option) + ": \"" + text +
                         "\" is not a time; write RFC 3339 with an offset, such as " +
                         "2024-01-31T00:00:00Z, or milliseconds since 1970");
  return time;
}

// Event time over wall time; 0 stands for as fast as possible.
Result<double> speed_of(const std::string& text) {
  if (text == "max") return 0.0;
  const auto speed = config::parse_real(text);
  if (!speed || *speed <= 0)
    return Status::usage("--speed: \"" + text +
                         "\" is neither max nor a number above 0; 3600 replays an hour in a second");
  return *speed;
}

// A replay serves its figures only where it is told to by --set: the address in the file is that of `run`.
Result<std::unique_ptr<connectors::http::Observability>> observe(const config::Application& application,
                                                                 const Metrics& metrics) {
  const config::Value& bind = application.root.at("http").at("bind");
  if (bind.location().file != config::kOverrideFile) return std::unique_ptr<connectors::http::Observability>();
  return connectors::http::Observability::start(bind.text(), metrics);
}

Status run_replay(ReplayChoices choices) {
  Metrics metrics;
  ReplayOptions options;
  NUDGE_ASSIGN(options.from, time_of("--from", choices.from));
  NUDGE_ASSIGN(options.until, time_of("--until", choices.until));
  NUDGE_ASSIGN(options.speed, speed_of(choices.speed));
  if (options.from && options.until && *options.from > *options.until)
    return Status::usage("--until lies before --from; give a later time");
  if (choices.output.empty()) return Status::usage("--output is empty; name the folder for the results");
  options.output_dir = choices.output;
  options.threads = choices.threads;
  options.ideal_order = choices.ideal_order;
  options.process_ends = true;
  if (!choices.input.empty()) {
    // The configuration need not name what the option replaces. A JSON string is a YAML string.
    options.input_dir = choices.input;
    choices.config.overrides.push_back("input.connector=files");
    choices.config.overrides.push_back("input.path=" + nlohmann::json(choices.input).dump());
  }
  NUDGE_ASSIGN(const config::Application application, load_application(choices.config));

  NUDGE_ASSIGN(const auto observability, observe(application, metrics));
  if (observability) options.metrics = &metrics;
  Progress progress;
  options.progress = [&progress](const ReplayProgress& now) { progress.update(now); };
  Result<ReplaySummary> summary = replay(application, options);
  progress.finish();
  if (!summary) return summary.status();
  progress.log_summary("replayed", summary->events, choices.output);
  return Status::ok();
}

}  // namespace

Run declare_replay(CLI::App& command) {
  auto choices = std::make_shared<ReplayChoices>();
  choices->config.declare(command);
  command.add_option("--input,-i", choices->input, "The folder to read, instead of input.path")->type_name("DIR");
  command.add_option("--output,-o", choices->output, "The folder for the output topics and the report")
      ->required()
      ->type_name("DIR");
  command.add_option("--from", choices->from, "Leave out earlier events")->type_name("TIME");
  command.add_option("--until", choices->until, "Leave out later events")->type_name("TIME");
  command.add_option("--speed", choices->speed, "Event time over wall time, or max")
      ->type_name("max|N")
      ->capture_default_str();
  command.add_option("--threads", choices->threads, "Instead of engine.threads")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  command.add_flag("--ideal-order", choices->ideal_order,
                   "Of Kafka: do not follow the journal of a live run, but the order of all input");
  return [choices] { return run_replay(*choices); };
}

}  // namespace nudge::program
