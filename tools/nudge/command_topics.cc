// nudge topics create|check|export: the topics that a configuration needs, as the brokers have them, and what the
// output topics hold.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "connectors/kafka/topics.h"
#include "engine/log.h"
#include "engine/runtime/export.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"

namespace nudge::program {
namespace {

namespace kafka = connectors::kafka;

struct TopicsChoices {
  ConfigOption config;
  int replicas = -1;
  std::string output;
  const CLI::App *create = nullptr, *check = nullptr, *exported = nullptr;
};

// One line a topic: name, partitions, state.
void print(const kafka::TopicFinding& finding, const char* state) {
  std::printf("%-40s %3d  %s\n", finding.wanted.name.c_str(), finding.wanted.partitions, state);
  for (const std::string& problem : finding.problems)
    std::fprintf(stderr, "topic %s: %s\n", finding.wanted.name.c_str(), problem.c_str());
}

Status run_topics(const TopicsChoices& choices) {
  NUDGE_ASSIGN(const config::Application application, load_application(choices.config));
  if (choices.exported->parsed()) return export_topics(application, choices.output);
  const std::vector<kafka::TopicSettings> wanted = kafka::topics_of(application);
  if (wanted.empty())
    return Status::config(choices.config.file +
                          ": no topic is needed; set input.connector or an output's connector to kafka");
  NUDGE_ASSIGN(const kafka::Settings settings, kafka::Settings::of(application.root));
  NUDGE_ASSIGN(const auto admin, kafka::Admin::make(settings));
  NUDGE_TRY(admin->reach());
  NUDGE_ASSIGN(const auto findings, kafka::look_at(*admin, wanted, settings.application()));
  const bool creates = choices.create->parsed();
  std::vector<kafka::TopicSettings> missing;
  for (const kafka::TopicFinding& finding : findings) {
    if (finding.exists) continue;
    missing.push_back(finding.wanted);
    missing.back().replicas = choices.replicas;
  }
  if (creates) {
    NUDGE_TRY(admin->create(missing));
    log::info("topics created={} there_before={}", missing.size(), findings.size() - missing.size());
  }
  std::size_t wrong = 0;
  for (const kafka::TopicFinding& finding : findings) {
    wrong += !finding.problems.empty();
    print(finding, !finding.problems.empty() ? "wrong" : finding.exists ? "there" : creates ? "created" : "missing");
  }
  if (wrong > 0) return Status::config(std::to_string(wrong) + " topics are not as they must be: see above");
  if (!creates && !missing.empty())
    return Status::config(std::to_string(missing.size()) + " topics are missing; make them with `nudge topics create`");
  return Status::ok();
}

}  // namespace

Run declare_topics(CLI::App& command) {
  auto choices = std::make_shared<TopicsChoices>();
  command.require_subcommand(1);
  CLI::App* const create = command.add_subcommand("create", "Create the topics that are missing");
  CLI::App* const check = command.add_subcommand("check", "Compare the topics with what is needed");
  CLI::App* const exported =
      command.add_subcommand("export", "Write what is committed in the output topics, as a replay would");
  exported->add_option("--output,-o", choices->output, "The folder for the output topics and the report")
      ->required()
      ->type_name("DIR");
  choices->config.declare(*exported);
  choices->exported = exported;
  choices->create = create;
  choices->check = check;
  choices->config.declare(*create);
  choices->config.declare(*check);
  create->add_option("--replicas", choices->replicas, "Replicas of each; the brokers' default if not given")
      ->check(CLI::Range(1, 32'767))
      ->type_name("N");
  return [choices] { return run_topics(*choices); };
}

}  // namespace nudge::program
