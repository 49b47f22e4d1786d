// A pipeline that is fed from memory in this process, for benches of the whole way of an event.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/application.h"
#include "connectors/memory/log.h"
#include "connectors/sink.h"
#include "engine/operator.h"
#include "engine/runtime/pipeline.h"
#include "engine/runtime/sequencer.h"
#include "state/store.h"

namespace nudge::bench {

// A bench that cannot be set up measures nothing.
inline void must(const Status& status) {
  if (status) return;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  std::abort();
}

// Keeps nothing: each line of a topic is told.
class TellingSink final : public connectors::Sink {
 public:
  std::function<void(std::string_view topic, std::string_view line)> tell;

  Status reset() override { return Status::ok(); }
  Status rewind(const connectors::SinkPosition&) override { return Status::ok(); }
  Status append(std::string_view topic, std::string_view lines) override {
    for (std::size_t end; (end = lines.find('\n')) != std::string_view::npos; lines.remove_prefix(end + 1))
      tell(topic, lines.substr(0, end));
    return Status::ok();
  }
  Result<connectors::SinkPosition> flush() override { return connectors::SinkPosition{}; }
};

// Topics must be made before. `live`: with the commits of a live run, not those of a replay.
class LiveShop {
 public:
  LiveShop(const std::string& configuration, const connectors::MemoryLog& input, TellingSink& sink, state::Store& store,
           bool live) {
    loaded_ = config::load_application_text(configuration, "bench.yaml", {}, all_operators());
    if (!loaded_.problems.empty()) must(Status::config(loaded_.problems[0].what));
    auto program = runtime::Program::make(loaded_.application);
    must(program.status());
    program_ = std::move(program).value();
    source_ = input.source(true);
    const runtime::EngineSettings& settings = program_->settings();
    runtime::PipelineOptions options;
    options.threads = settings.threads;
    options.live = live;
    pipeline_ = std::make_unique<runtime::Pipeline>(*program_, options, source_.get(), sink, store);
    must(pipeline_->open());
    sequencer_.emplace(settings.disorder, std::chrono::milliseconds(settings.merge_wait), pipeline_->last_cut());
  }

  // One turn of the live loop; false: there was nothing to do.
  bool turn() {
    must(pipeline_->read_ahead());
    const auto cut = sequencer_->next(pipeline_->inputs(), std::chrono::steady_clock::now());
    if (cut) must(pipeline_->round_to(*cut));
    must(pipeline_->commit_when_due().status());
    return cut.has_value();
  }
  // Until all of the input is done.
  void catch_up() {
    for (int idle = 0; idle < 3;) idle = turn() ? 0 : idle + 1;
  }
  Status commit() { return pipeline_->commit(); }

 private:
  config::LoadedApplication loaded_;
  std::unique_ptr<runtime::Program> program_;
  std::unique_ptr<connectors::Source> source_;
  std::unique_ptr<runtime::Pipeline> pipeline_;
  std::optional<runtime::Sequencer> sequencer_;
};

}  // namespace nudge::bench
