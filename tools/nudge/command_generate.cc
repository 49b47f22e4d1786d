// nudge generate: a synthetic shop with planted truth.

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "engine/log.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"
#include "tools/nudge/generate/generate.h"
#include "tools/nudge/generate/kafka_sink.h"

namespace nudge::program {
namespace {

struct GenerateChoices {
  ConfigOption config;
  std::string output;
  std::optional<std::uint64_t> seed;
  bool null_rules = false, separated = false;
  std::optional<double> rate;
  std::string truth;
};

Status generate_to_kafka(const config::Value& root, const generate::GenerateOptions& options,
                         const GenerateChoices& choices) {
  NUDGE_ASSIGN(const auto sink, generate::KafkaSink::open(root, choices.rate.value_or(0)));
  NUDGE_TRY(generate::generate(options, *sink, choices.truth));
  log::info("generated a shop customers={} weeks={} seed={} records={} records_per_second={:.0f}", options.customers,
            options.weeks, options.seed, sink->records(), sink->records_per_second());
  if (choices.truth.empty()) log::warn("what is true of this shop is not written; give --truth FILE to keep it");
  return Status::ok();
}

Status run_generate(const GenerateChoices& choices) {
  const bool to_kafka = choices.output == "kafka";
  if (!to_kafka && choices.rate) return Status::usage("--rate: files are written at once; it needs --output kafka");
  if (!to_kafka && !choices.truth.empty())
    return Status::usage("--truth: a folder has its truth.json; it needs --output kafka");
  NUDGE_ASSIGN(const config::Value root, load_config(choices.config, generate::parameters()));
  generate::GenerateOptions options = generate::options_of(root);
  if (choices.seed) options.seed = *choices.seed;
  options.null_rules = choices.null_rules;
  options.separated = choices.separated;
  if (to_kafka) return generate_to_kafka(root, options, choices);
  NUDGE_TRY(generate::generate(options, choices.output));
  log::info("generated a shop customers={} weeks={} seed={} folder={}", options.customers, options.weeks, options.seed,
            choices.output);
  return Status::ok();
}

}  // namespace

Run declare_generate(CLI::App& command) {
  auto choices = std::make_shared<GenerateChoices>();
  choices->config.declare(command);
  command.add_option("--output,-o", choices->output, "The folder to write to, or kafka; ./kafka is a folder")
      ->required()
      ->type_name("DIR|kafka");
  command.add_option("--rate", choices->rate, "Records a second (kafka); as fast as it goes if not given")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command.add_option("--truth", choices->truth, "The file for what is true of the shop (kafka)")->type_name("FILE");
  command.add_option("--seed", choices->seed, "Another seed gives another shop of the same kind")->type_name("N");
  command.add_flag("--null", choices->null_rules, "Plant no rules");
  command.add_flag("--separated", choices->separated, "Plant customer segments that lie far apart");
  return [choices] { return run_generate(*choices); };
}

}  // namespace nudge::program
