#include "engine/runtime/live.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <numeric>
#include <thread>

#include "config/engine_parameters.h"
#include "connectors/kafka/membership.h"
#include "connectors/kafka/restore.h"
#include "connectors/kafka/source.h"
#include "connectors/kafka/topics.h"
#include "connectors/kafka/transaction.h"
#include "engine/runtime/changelog.h"
#include "engine/runtime/journal.h"
#include "engine/runtime/pipeline.h"
#include "engine/runtime/state_folder.h"

namespace nudge {
namespace {

namespace kafka = connectors::kafka;
using runtime::Cut;
using runtime::Pipeline;
using runtime::Program;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kIdle(5), kTryAgainFirst(100), kTryAgainMost(5'000);

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
    NUDGE_ASSIGN(auto state, runtime::open_for_run(config::state_folder(root_),
                                                   mix(hash64(name), program_->settings().partitions), store_options));
    store_ = std::move(state.store);
    kafka::MembershipOptions membership;
    membership.instance = instance();
    membership.tasks = program_->settings().partitions;
    membership.standbys = 0;
    NUDGE_ASSIGN(membership_, kafka::Membership::join(*settings_, membership));
    return lead_when_due();
  }

 private:
  Status check_topics() const {
    NUDGE_TRY(admin_->reach());
    NUDGE_ASSIGN(const auto findings,
                 kafka::look_at(*admin_, kafka::topics_of(application_), settings_->application()));
    std::string missing;
    for (const kafka::TopicFinding& finding : findings) {
      if (!finding.exists) missing.append(missing.empty() ? "" : ", ").append(finding.wanted.name);
      for (const std::string& problem : finding.problems) spdlog::warn("topic {}: {}", finding.wanted.name, problem);
    }
    if (missing.empty()) return Status::ok();
    return Status::config("topics are missing: " + missing + "; make them with `nudge topics create`");
  }

  // The folder of the state makes an instance the one that it was before.
  std::string instance() const {
    char host[256] = "host";
    ::gethostname(host, sizeof host - 1);
    return fmt::format("{}-{:08x}", host, static_cast<std::uint32_t>(hash64(config::state_folder(root_))));
  }

  Status lead_when_due() {
    auto wait = kTryAgainFirst;
    while (!options_.stops()) {
      const kafka::Membership::View view = membership_->view();
      if (!view.failure) return view.failure;
      if (!view.leads) {
        membership_->wait_for_change(view.version, std::chrono::milliseconds(200));
        continue;
      }
      const Status ended = work(wait);
      if (ended || ended.error_class() != ErrorClass::kUnavailable) return ended;
      if (options_.metrics) options_.metrics->error(ended.error_class());
      enter(Phase::kStarting);
      spdlog::warn("goes on from the last commit: {}", ended.message());
      std::this_thread::sleep_for(wait);
      wait = std::min(wait * 2, kTryAgainMost);
    }
    return Status::ok();
  }

  void enter(Phase phase) {
    if (options_.metrics) options_.metrics->phase = phase;
  }

  // Everything that is not committed dies with what this function makes.
  Status work(std::chrono::milliseconds& wait) {
    // Takes the changelog over first: from then on nobody else adds to it.
    NUDGE_ASSIGN(const auto transaction, kafka::Transaction::make(*settings_, settings_->application() + ".run"));
    NUDGE_TRY(restore());
    NUDGE_ASSIGN(const auto source, kafka::open_live_source(root_));
    for (const std::string& warning : source->warnings()) spdlog::warn("{}", warning);
    const auto sink = kafka::make_transaction_sink(*transaction, root_.at("topics"));
    const std::string journal = kafka::journal_topic(settings_->application());
    const auto note = [&](std::string_view text) {
      return transaction->send(journal, {.key = std::nullopt, .value = text, .partition = 0});
    };
    Pipeline* committing = nullptr;
    runtime::LoggedStore store(
        changelog_, all_partitions(), *store_, *transaction, *admin_, [&]() -> Result<runtime::LoggedStore::Consumed> {
          NUDGE_TRY(note(runtime::commit_note(committing->last_cut().round, committing->counters())));
          runtime::LoggedStore::Consumed consumed;
          const std::vector<std::uint64_t> positions = committing->positions();
          const std::vector<kafka::TopicPartition> places = source->places();
          for (std::size_t i = 0; i < places.size(); ++i)
            if (positions[i] > 0) consumed.offsets.push_back({places[i], static_cast<std::int64_t>(positions[i])});
          consumed.group = membership_->view().group;
          return consumed;
        });
    runtime::PipelineOptions pipeline_options;
    pipeline_options.threads = program_->settings().threads;
    pipeline_options.live = true;
    pipeline_options.metrics = options_.metrics;
    Pipeline pipeline(*program_, pipeline_options, *source, *sink, store);
    committing = &pipeline;
    NUDGE_ASSIGN(const bool begun, runtime::has_run(*store_));
    NUDGE_TRY(pipeline.open(!begun));
    if (pipeline.last_cut().round > 0) NUDGE_TRY(pipeline.round_to(Cut(pipeline.last_cut())));
    spdlog::info("live round={} partitions={}", pipeline.last_cut().round, source->partitions().size());
    wait = kTryAgainFirst;
    enter(Phase::kRunning);
    return follow(pipeline, *source, *transaction, note);
  }

  // Of the changelog.
  std::vector<int> all_partitions() const {
    std::vector<int> all(static_cast<std::size_t>(changelog_.partitions()));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

  Status restore() {
    enter(Phase::kRestoring);
    const auto begin = Clock::now();
    kafka::RestoreOptions restoring;
    restoring.progress = [&](const kafka::RestoreProgress& now) {
      spdlog::info("restores records={} of={}", now.records, now.records_total);
      if (!options_.metrics) return;
      options_.metrics->restore_done.set(static_cast<double>(now.records));
      options_.metrics->restore_total.set(static_cast<double>(now.records_total));
    };
    NUDGE_ASSIGN(const auto done, kafka::restore(*settings_, changelog_, all_partitions(), *store_, restoring));
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    spdlog::info("restored records={} bytes={} seconds={:.2f}", done.records, done.bytes, seconds);
    return Status::ok();
  }

  template <typename Note>
  Status follow(Pipeline& pipeline, const kafka::LiveSource& source, kafka::Transaction& transaction,
                const Note& note) {
    const runtime::EngineSettings& settings = program_->settings();
    runtime::Sequencer sequencer(settings.disorder, std::chrono::milliseconds(settings.merge_wait),
                                 pipeline.last_cut());
    bool uncommitted = false;
    while (!options_.stops()) {
      NUDGE_TRY(pipeline.read_ahead());
      const auto cut = sequencer.next(pipeline.inputs(), Clock::now());
      if (cut) {
        NUDGE_TRY(note(encode(*cut, source.partitions())));
        NUDGE_TRY(pipeline.round_to(*cut));
        uncommitted = true;
      }
      if (uncommitted) {
        NUDGE_ASSIGN(const bool committed, pipeline.commit_when_due());
        uncommitted = !committed;
      }
      // A commit that is on its way may fail while nothing comes.
      NUDGE_TRY(transaction.status());
      if (!cut) source.wait(kIdle);
    }
    spdlog::info("stops: commits and leaves the group");
    enter(Phase::kDraining);
    if (uncommitted) NUDGE_TRY(pipeline.commit());
    return transaction.settle();
  }

  const config::Application& application_;
  const config::Value& root_;
  const LiveOptions& options_;
  std::unique_ptr<Program> program_;
  std::optional<kafka::Settings> settings_;
  std::unique_ptr<kafka::Admin> admin_;
  kafka::Changelog changelog_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<kafka::Membership> membership_;
};

}  // namespace

Status run_live(const config::Application& application, const LiveOptions& options) {
  return LiveRun(application, options).run();
}

}  // namespace nudge
