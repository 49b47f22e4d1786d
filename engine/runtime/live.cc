#include "engine/runtime/live.h"

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "config/engine_parameters.h"
#include "connectors/kafka/membership.h"
#include "connectors/kafka/standby.h"
#include "connectors/kafka/topics.h"
#include "engine/log.h"
#include "engine/runtime/live_share.h"
#include "engine/runtime/state_folder.h"

namespace nudge {
namespace {

namespace kafka = connectors::kafka;
using runtime::LiveShare;
using runtime::Program;

constexpr std::chrono::milliseconds kLookAgain(200), kTryAgainFirst(100), kTryAgainMost(5'000);

// One live run, from joining the group to leaving it.
class LiveRun {
 public:
  LiveRun(const config::Application& application, const LiveOptions& options)
      : application_(application), root_(application.root), options_(options) {}

  Status run() {
    NUDGE_ASSIGN(program_, Program::make(application_));
    NUDGE_ASSIGN(kafka::Settings settings, kafka::Settings::of(root_));
    settings_.emplace(std::move(settings));
    NUDGE_ASSIGN(admin_, kafka::Admin::make(*settings_));
    NUDGE_TRY(check_topics());
    const std::string& name = settings_->application();
    changelog_ = {kafka::changelog_topic(name), program_->settings().partitions};
    state::StoreOptions store_options;
    store_options.memory_budget_bytes = program_->settings().memory_budget / 100 * 15;
    NUDGE_ASSIGN(auto state, runtime::open_for_run(config::state_folder(root_), {name, program_->settings().partitions},
                                                   store_options));
    store_ = std::move(state.store);
    instance_ = state.instance;
    kafka::MembershipOptions membership;
    membership.instance = instance();
    membership.tasks = program_->settings().partitions;
    membership.standbys = program_->settings().standbys;
    NUDGE_ASSIGN(membership_, kafka::Membership::join(*settings_, membership));
    standby_ = std::make_unique<kafka::Standby>(*settings_, changelog_, *store_, kafka::StandbyOptions());
    return take_part();
  }

 private:
  Status check_topics() const {
    NUDGE_TRY(admin_->reach());
    NUDGE_ASSIGN(const auto findings,
                 kafka::look_at(*admin_, kafka::topics_of(application_), settings_->application()));
    std::string missing;
    for (const kafka::TopicFinding& finding : findings) {
      if (!finding.exists) missing.append(missing.empty() ? "" : ", ").append(finding.wanted.name);
      for (const std::string& problem : finding.problems) log::warn("topic {}: {}", finding.wanted.name, problem);
    }
    if (missing.empty()) return Status::ok();
    return Status::config("topics are missing: " + missing + "; make them with `nudge topics create`");
  }

  // The folder of the state makes an instance the one that it was before; the host is for who reads it.
  std::string instance() const {
    char host[256] = "host";
    ::gethostname(host, sizeof host - 1);
    return fmt::format("{}-{}", host, instance_);
  }

  // Generation after generation.
  Status take_part() {
    const runtime::LiveInstance instance{root_,      *program_,    *settings_, *admin_,
                                         changelog_, *membership_, *store_,    options_};
    auto wait = kTryAgainFirst;
    while (!options_.stops()) {
      const kafka::Membership::View view = membership_->view();
      if (!view.failure) return view.failure;
      // What it owns it writes itself; the rest of what it may get is kept near.
      if (view.is_current()) standby_->follow(LiveShare::standby_partitions(view.assignment, view.instance));
      if (!view.is_current() || LiveShare::owned_partitions(view.assignment, view.instance).empty()) {
        membership_->wait_for_change(view.version, kLookAgain);
        continue;
      }
      LiveShare share(instance, view);
      const Status ended = share.run();
      if (share.has_worked()) wait = kTryAgainFirst;
      if (ended) continue;
      if (ended.error_class() != ErrorClass::kUnavailable) return ended;
      if (options_.metrics) options_.metrics->error(ended.error_class());
      if (options_.metrics) options_.metrics->phase = Phase::kStarting;
      log::warn("goes on from the last commit: {}", ended.message());
      std::this_thread::sleep_for(wait);
      wait = std::min(wait * 2, kTryAgainMost);
    }
    return Status::ok();
  }

  const config::Application& application_;
  const config::Value& root_;
  const LiveOptions& options_;
  std::unique_ptr<Program> program_;
  std::optional<kafka::Settings> settings_;
  std::unique_ptr<kafka::Admin> admin_;
  kafka::Changelog changelog_;
  std::unique_ptr<state::Store> store_;
  std::string instance_;  // as the state's folder calls it
  std::unique_ptr<kafka::Membership> membership_;
  std::unique_ptr<kafka::Standby> standby_;
};

}  // namespace

Status run_live(const config::Application& application, const LiveOptions& options) {
  return LiveRun(application, options).run();
}

}  // namespace nudge
