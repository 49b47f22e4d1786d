// nudge deliver: list memberships to marketing automation, over HTTP.
#include <CLI/CLI.hpp>
#include <memory>

#include "config/override.h"
#include "connectors/webhook/delivery.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"
#include "tools/nudge/stop_signals.h"

namespace nudge::program {
namespace {

struct DeliverChoices {
  ConfigOption config;
  connectors::webhook::DeliveryOptions options;
};

Status run_deliver(DeliverChoices choices) {
  NUDGE_ASSIGN(const config::Application application, load_application(choices.config));
  // Figures are served only where --set says so: the address in the file is that of `run`.
  const config::Value& bind = application.root.at("http").at("bind");
  if (bind.location().file == config::kOverrideFile) choices.options.bind = bind.text();
  stop_on_signals();
  choices.options.stops = is_told_to_stop;
  return connectors::webhook::deliver(application.root, choices.options);
}

}  // namespace

Run declare_deliver(CLI::App& command) {
  auto choices = std::make_shared<DeliverChoices>();
  choices->config.declare(command);
  command
      .add_option("--input,-i", choices->options.input, "The folder with targets.jsonl, instead of the first output")
      ->type_name("DIR");
  command.add_option("--webhook", choices->options.only, "Only the webhook of this name")->type_name("NAME");
  command.add_flag("--follow", choices->options.follow, "Go on with what comes later, until SIGTERM or SIGINT");
  return [choices] { return run_deliver(*choices); };
}

}  // namespace nudge::program
