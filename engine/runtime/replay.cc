#include "engine/runtime/replay.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "config/engine_parameters.h"
#include "connectors/files/sink.h"
#include "connectors/open_source.h"
#include "engine/log.h"
#include "engine/runtime/journal.h"
#include "engine/runtime/pipeline.h"
#include "engine/runtime/report_page.h"
#include "engine/runtime/state_folder.h"
#include "engine/written_topics.h"

namespace nudge {

namespace {

namespace fs = std::filesystem;
using runtime::Pipeline;
using runtime::Program;

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

// The journal of the live run whose whole input this is, if there is one.
Result<std::vector<runtime::Cut>> cuts_of(const config::Value& root, const connectors::Source& source,
                                          const ReplayOptions& options) {
  std::vector<runtime::Cut> cuts;
  const bool is_whole = options.input_dir.empty() && !options.from && !options.until;
  if (!is_whole || options.ideal_order || root.at("input").at("connector").text() != "kafka") return cuts;
  NUDGE_ASSIGN(const auto settings, connectors::kafka::Settings::of(root));
  NUDGE_ASSIGN(cuts, runtime::read_cuts(settings, source.partitions()));
  if (!cuts.empty()) log::info("replay follows the journal of {} rounds={}", settings.application(), cuts.size());
  return cuts;
}

// Results among the input would be taken for input by whoever reads it next.
Status check_output(const config::Value& root, const ReplayOptions& options) {
  const config::Value& input = root.at("input");
  const config::Value* const path = input.find("path");
  const std::string folder = !options.input_dir.empty()                        ? options.input_dir
                             : input.at("connector").text() == "files" && path ? path->text()
                                                                               : "";
  std::error_code none;
  if (!folder.empty() && fs::equivalent(folder, options.output_dir, none))
    return Status::usage(options.output_dir + ": is the folder of the input; choose another output folder");
  return Status::ok();
}

// Files of topics that an earlier replay wrote and this one does not: nobody should take them for its own.
void warn_of_leftovers(const std::string& folder, const std::vector<std::string>& topics) {
  for (const std::string_view name : output::kNames) {
    const fs::path path = fs::path(folder) / (std::string(name) + ".jsonl");
    std::error_code none;
    if (std::find(topics.begin(), topics.end(), name) == topics.end() && fs::exists(path, none))
      log::warn("{}: was there before and is not of this replay, which writes no {}", path.string(), name);
  }
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

// `cuts`: of the live run that is replayed; none: in the ideal order.
Result<ReplaySummary> run_steps(Pipeline& pipeline, const ReplayOptions& options,
                                const std::vector<runtime::Cut>& cuts) {
  ReplaySummary summary;
  Pace pace(options.speed);
  // The last round before an interruption may not have been done to its end.
  std::size_t next_cut = std::max<std::uint64_t>(pipeline.last_cut().round, 1) - 1;
  for (;;) {
    bool more = next_cut < cuts.size();
    if (!cuts.empty()) {
      if (more) NUDGE_TRY(pipeline.round_to(cuts[next_cut++]));
      NUDGE_TRY(pipeline.commit_when_due().status());
    } else {
      NUDGE_ASSIGN(more, pipeline.step());
    }
    const runtime::PipelineProgress progress = pipeline.progress();
    if (options.progress)
      options.progress({progress.bytes_read, progress.bytes_total, progress.events, progress.event_time});
    summary.events = progress.events;
    if (!more) break;
    if (options.stops && options.stops()) return Status::internal("the replay was stopped; start it again to go on");
    pace.wait(progress.event_time);
  }
  NUDGE_ASSIGN(summary.report,
               pipeline.finish(cuts.empty() ? Pipeline::Ending::kOfInput : Pipeline::Ending::kOfJournal));
  return summary;
}

}  // namespace

Result<ReplaySummary> replay(const config::Application& application, const ReplayOptions& options) {
  const config::Value& root = application.root;
  NUDGE_ASSIGN(const auto program, Program::make(application));
  NUDGE_ASSIGN(const auto source, connectors::open_source(root, {.folder = options.input_dir, .from = options.from}));
  for (const std::string& warning : source->warnings()) log::warn("{}", warning);
  NUDGE_TRY(check_output(root, options));

  NUDGE_ASSIGN(const std::vector<runtime::Cut> cuts, cuts_of(root, *source, options));
  const std::uint64_t identity = mix(identity_of(*program, *source, options), cuts.size());
  const std::string folder = config::state_folder(root);
  state::StoreOptions store_options;
  store_options.memory_budget_bytes = program->settings().memory_budget / 100 * 15;
  NUDGE_ASSIGN(auto state, runtime::open_for_replay(folder, identity, store_options));
  if (!state.fresh) log::info("replay resumes state_dir={}", folder);

  const std::vector<std::string> topics = names_of(written_topics(application.operators));
  NUDGE_ASSIGN(const auto sink, connectors::make_file_sink(options.output_dir, topics));
  warn_of_leftovers(options.output_dir, topics);
  runtime::PipelineOptions pipeline_options;
  pipeline_options.from = options.from;
  pipeline_options.until = options.until;
  pipeline_options.threads = options.threads.value_or(program->settings().threads);
  pipeline_options.metrics = options.metrics;
  auto pipeline = std::make_unique<Pipeline>(*program, pipeline_options, source.get(), *sink, *state.store);
  const auto enter = [&](Phase phase) {
    if (options.metrics) options.metrics->phase = phase;
  };
  enter(state.fresh ? Phase::kStarting : Phase::kRestoring);
  NUDGE_TRY(pipeline->open());
  enter(Phase::kRunning);
  NUDGE_ASSIGN(ReplaySummary summary, run_steps(*pipeline, options, cuts));
  summary.resumed = !state.fresh;
  enter(Phase::kDraining);
  NUDGE_TRY(write_file(fs::path(options.output_dir) / "report.json", summary.report));
  NUDGE_TRY(write_file(fs::path(options.output_dir) / "report.html", runtime::report_page(summary.report)));
  NUDGE_TRY(runtime::mark_finished(folder, identity));
  const state::StoreFigures figures = state.store->figures();
  log::debug("replay done events={} store_bytes_written={} store_disk_bytes={}", summary.events, figures.bytes_written,
             figures.disk_bytes);
  if (options.process_ends) static_cast<void>(pipeline.release());
  return summary;
}

}  // namespace nudge
