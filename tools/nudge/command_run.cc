// nudge run: live on Kafka, until SIGTERM or SIGINT.

#include <CLI/CLI.hpp>
#include <memory>

#include "connectors/http/observability.h"
#include "engine/log.h"
#include "engine/runtime/live.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"
#include "tools/nudge/stop_signals.h"

namespace nudge::program {
namespace {

Status run(const ConfigOption& option) {
  NUDGE_ASSIGN(const config::Application application, load_application(option));
  if (application.root.at("input").at("connector").text() != "kafka")
    return Status::config(option.file +
                          ": `nudge run` reads from Kafka; set input.connector to kafka, or use `nudge replay`");
  stop_on_signals();
  Metrics metrics;
  NUDGE_ASSIGN(const auto observability,
               connectors::http::Observability::start(application.root.at("http").at("bind").text(), metrics));
  log::info("health and figures url={}", observability->url());
  LiveOptions options;
  options.metrics = &metrics;
  options.stops = is_told_to_stop;
  return run_live(application, options);
}

}  // namespace

Run declare_run(CLI::App& command) {
  auto option = std::make_shared<ConfigOption>();
  option->declare(command);
  return [option] { return run(*option); };
}

}  // namespace nudge::program
