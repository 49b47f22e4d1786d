// nudge run: live on Kafka, until SIGTERM or SIGINT.

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <memory>

#include "connectors/http/observability.h"
#include "engine/log.h"
#include "engine/runtime/live.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"

namespace nudge::program {
namespace {

std::atomic<bool> g_stops{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

extern "C" void stop(int) { g_stops = true; }

// A second signal ends the process as if there were no handler.
void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = stop;
  action.sa_flags = SA_RESETHAND;
  for (const int signal : {SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
}

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
  options.stops = [] { return g_stops.load(); };
  return run_live(application, options);
}

}  // namespace

Run declare_run(CLI::App& command) {
  auto option = std::make_shared<ConfigOption>();
  option->declare(command);
  return [option] { return run(*option); };
}

}  // namespace nudge::program
