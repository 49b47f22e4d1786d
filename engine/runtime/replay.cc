#include "engine/runtime/replay.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "config/engine_parameters.h"
#include "connectors/files/sink.h"
#include "connectors/open_source.h"
#include "engine/runtime/pipeline.h"
#include "engine/runtime/report_page.h"
#include "engine/runtime/state_folder.h"

namespace nudge {

namespace {

namespace fs = std::filesystem;
using runtime::Pipeline;
using runtime::Program;

// The topics that this program writes to, also where nothing is written.
std::vector<std::string> topics_of(const Program& program) {
  std::set<OutputTopic> topics{output::kDeadLetters, output::kLateEvents};
  for (const runtime::ActiveOperator& active : program.operators())
    topics.insert(active.spec->outputs.begin(), active.spec->outputs.end());
  std::vector<std::string> names;
  for (const OutputTopic topic : topics) names.emplace_back(output::kNames[topic]);
  return names;
}

// What makes two replays the same one: configuration, input, span and output folder.
std::uint64_t identity_of(const Program& program, const connectors::Source& source, const ReplayOptions& options) {
  std::uint64_t hash = program.fingerprint();
  for (const connectors::PartitionInfo& partition : source.partitions())
    hash = mix(hash, hash64(partition.fingerprint));
  hash = mix(hash, static_cast<std::uint64_t>(options.from.value_or(kBeforeAll)));
  hash = mix(hash, static_cast<std::uint64_t>(options.until.value_or(kBeforeAll)));
  std::error_code ignored;
  hash = mix(hash, hash64(fs::weakly_canonical(options.output_dir, ignored).string()));
  return mix(hash, hash64(kEngineVersion));
}

Status write_file(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file)
    return Status::io(fmt::format("{}: cannot be written; check the rights and the space on the disk", path.string()));
  return Status::ok();
}

// Lets event time pass at `speed` times the pace of the clock on the wall.
class Pace {
 public:
  explicit Pace(double speed) : speed_(speed) {}
  void wait(Millis event_time) {
    if (speed_ <= 0 || event_time < 0) return;
    if (first_ == kBeforeAll) {
      first_ = event_time;
      start_ = std::chrono::steady_clock::now();
    }
    std::this_thread::sleep_until(start_ + std::chrono::milliseconds(static_cast<std::int64_t>(
                                               static_cast<double>(event_time - first_) / speed_)));
  }

 private:
  double speed_;
  Millis first_ = kBeforeAll;
  std::chrono::steady_clock::time_point start_;
};

Result<ReplaySummary> run_steps(Pipeline& pipeline, const ReplayOptions& options) {
  ReplaySummary summary;
  Pace pace(options.speed);
  for (;;) {
    NUDGE_ASSIGN(const bool more, pipeline.step());
    const runtime::PipelineProgress progress = pipeline.progress();
    if (options.progress)
      options.progress({progress.bytes_read, progress.bytes_total, progress.events, progress.event_time});
    summary.events = progress.events;
    if (!more) break;
    pace.wait(progress.event_time);
  }
  NUDGE_ASSIGN(summary.report, pipeline.finish());
  return summary;
}

}  // namespace

Result<ReplaySummary> replay(const config::Application& application, const ReplayOptions& options) {
  const config::Value& root = application.root;
  NUDGE_ASSIGN(const auto program, Program::make(application));
  NUDGE_ASSIGN(const auto source, connectors::open_source(root, {.folder = options.input_dir, .from = options.from}));
  for (const std::string& warning : source->warnings()) spdlog::warn("{}", warning);

  const std::uint64_t identity = identity_of(*program, *source, options);
  const std::string folder = config::state_folder(root);
  state::StoreOptions store_options;
  store_options.memory_budget_bytes = program->settings().memory_budget / 100 * 15;
  NUDGE_ASSIGN(auto state, runtime::open_for_replay(folder, identity, store_options));
  if (!state.fresh) spdlog::info("replay resumes state_dir={}", folder);

  NUDGE_ASSIGN(const auto sink, connectors::make_file_sink(options.output_dir, topics_of(*program)));
  runtime::PipelineOptions pipeline_options;
  pipeline_options.from = options.from;
  pipeline_options.until = options.until;
  pipeline_options.threads = options.threads.value_or(program->settings().threads);
  pipeline_options.metrics = options.metrics;
  auto pipeline = std::make_unique<Pipeline>(*program, pipeline_options, *source, *sink, *state.store);
  const auto enter = [&](Phase phase) {
    if (options.metrics) options.metrics->phase = phase;
  };
  enter(state.fresh ? Phase::kStarting : Phase::kRestoring);
  NUDGE_TRY(pipeline->open(state.fresh));
  enter(Phase::kRunning);
  NUDGE_ASSIGN(ReplaySummary summary, run_steps(*pipeline, options));
  summary.resumed = !state.fresh;
  enter(Phase::kDraining);
  NUDGE_TRY(write_file(fs::path(options.output_dir) / "report.json", summary.report));
  NUDGE_TRY(write_file(fs::path(options.output_dir) / "report.html", runtime::report_page(summary.report)));
  NUDGE_TRY(runtime::mark_finished(folder, identity));
  const state::StoreFigures figures = state.store->figures();
  spdlog::debug("replay done events={} store_bytes_written={} store_disk_bytes={}", summary.events,
                figures.bytes_written, figures.disk_bytes);
  if (options.process_ends) static_cast<void>(pipeline.release());
  return summary;
}

}  // namespace nudge
