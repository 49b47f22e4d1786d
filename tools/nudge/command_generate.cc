// nudge generate: a synthetic shop with planted truth.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"
#include "tools/nudge/generate/generate.h"

namespace nudge::program {
namespace {

struct Choices {
  ConfigOption config;
  std::string output;
  std::optional<std::uint64_t> seed;
  bool null_rules = false, separated = false;
};

Status run_generate(const Choices& choices) {
  if (choices.output == "kafka")
    return Status::usage("--output kafka: this version writes folders only; for a folder of that name write ./kafka");
  NUDGE_ASSIGN(const config::Value root, load_config(choices.config, generate::parameters()));
  generate::GenerateOptions options = generate::options_of(root);
  if (choices.seed) options.seed = *choices.seed;
  options.null_rules = choices.null_rules;
  options.separated = choices.separated;
  NUDGE_TRY(generate::generate(options, choices.output));
  spdlog::info("generated a shop customers={} weeks={} seed={} folder={}", options.customers, options.weeks,
               options.seed, choices.output);
  return Status::ok();
}

}  // namespace

Run declare_generate(CLI::App& command) {
  auto choices = std::make_shared<Choices>();
  choices->config.declare(command);
  command.add_option("--output,-o", choices->output, "The folder to write to")->required()->type_name("DIR");
  command.add_option("--seed", choices->seed, "Another seed gives another shop of the same kind")->type_name("N");
  command.add_flag("--null", choices->null_rules, "Plant no rules");
  command.add_flag("--separated", choices->separated, "Plant customer segments that lie far apart");
  return [choices] { return run_generate(*choices); };
}

}  // namespace nudge::program
