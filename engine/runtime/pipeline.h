// One machine's dataflow: all stages of all tasks, in rounds, on a pool of threads.
//
// A round takes the next records in the order of all input, and brings them through ingest, identity, ledger and
// keyed; every stage runs its tasks in parallel and waits for the slowest. Rounds end at every epoch and rescoring,
// so that the global stage and the models have their place in event time. Where rounds are cut otherwise does not show.
//
// A commit is one bulk write of the store: all state, the positions of the input, and the lengths of the output. Where
// much of timelines waits for it, that is put aside before. The outputs are on the disk first; after a crash what is
// beyond the recorded lengths is cut off and made again.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sink.h"
#include "connectors/source.h"
#include "engine/runtime/global_stage.h"
#include "engine/runtime/keyed_task.h"
#include "engine/runtime/ledger_task.h"
#include "engine/runtime/merge.h"
#include "engine/runtime/pipeline_figures.h"
#include "engine/runtime/router.h"
#include "engine/runtime/sequencer.h"
#include "engine/runtime/visitor_task.h"
#include "engine/runtime/worker_pool.h"

namespace nudge::runtime {

struct PipelineOptions {
  std::optional<Millis> from, until;
  int threads = 1;
  // Every commit is small and soon: nothing is put aside before, and compacted topics are written as things happen.
  bool live = false;
  Metrics* metrics = nullptr;  // is told how it gets on; outlives the pipeline
};

struct PipelineProgress {
  std::uint64_t bytes_read = 0, bytes_total = 0, events = 0;
  Millis event_time = kBeforeAll;
};

class Pipeline {
 public:
  Pipeline(const Program& program, const PipelineOptions& options, const connectors::Source& source,
           connectors::Sink& sink, state::Store& store);
  ~Pipeline();

  // Starts from nothing, or goes on where the last commit was.
  Status open(bool fresh);
  // One step: a round or a boundary. False when the input has ended and everything is done up to `finish`.
  Result<bool> step();
  // After the last step: final records and the report, as JSON. A live run has no last words: of what ran live only
  // what compacted topics hold at the end is written.
  enum class Ending : std::uint8_t { kOfInput, kOfJournal };
  Result<std::string> finish(Ending ending = Ending::kOfInput);

  // Live, and of what ran live, instead of step(): rounds are cut by somebody else (cut.h).
  // Reads what is there, as far ahead as a round may need.
  Status read_ahead() { return fill(); }
  std::vector<Sequencer::Input> inputs() const;
  // Takes everything that the cut allows. After open() of something that was interrupted, first call it with
  // last_cut(), which may not have been done to its end.
  Status round_to(const Cut& cut);
  const Cut& last_cut() const { return cut_; }
  Status commit();
  // Commits where the interval has passed or much is held, and says whether it did.
  Result<bool> commit_when_due();
  // Of the source's partitions: the first offset that is not taken.
  std::vector<std::uint64_t> positions() const;
  // `counters` of the report, as JSON.
  std::string counters() const;

  PipelineProgress progress() const;

 private:
  // Where the event clock stands; written with every commit.
  struct Clock {
    bool started = false;
    Millis active = kBeforeAll;  // the watermark of the last record
    Millis next_epoch = kNever;  // the end of the epoch that is under way
    bool learned_last = false;   // the input has ended and the last partials are merged
  };

  Status begin();
  Status open_inputs(Decoder* positions);
  Status restore();
  Status fill();
  Result<bool> start_clock();
  Status round(Millis boundary);
  Status forget();
  Status boundary(Millis at);
  Status skip_silence(Millis to);
  Status advance(Millis watermark);
  Status learn(Millis epoch_end, bool last);
  void adopt(Millis time);
  Status hand_over_outputs();
  std::size_t held() const;
  void watch_memory();
  Status write_timelines();
  Status write_changes(const connectors::SinkPosition& position);
  void tell_figures();
  void log_memory(std::size_t written) const;
  void write_counters(JsonWriter& json) const;
  Status run(std::size_t tasks, const std::function<Status(std::size_t)>& step);
  Millis next_sweep() const;
  Millis horizon() const { return options_.until.value_or(kNever); }
  Millis end() const { return options_.until.value_or(std::max<Millis>(router_->newest(), 0)); }
  Status append(Outputs& outputs);
  std::string own_state(const connectors::SinkPosition& position) const;
  Status decode_own_state(std::string_view bytes);
  std::string report();

  const Program& program_;
  PipelineOptions options_;
  const connectors::Source& source_;
  connectors::Sink& sink_;
  state::Store& store_;
  WorkerPool pool_;
  std::vector<std::unique_ptr<IngestTask>> inputs_;
  std::optional<state::RepeatFilter> repeats_;
  std::unique_ptr<Router> router_;
  std::vector<std::unique_ptr<VisitorTask>> visitors_;
  std::vector<std::unique_ptr<LedgerTask>> ledgers_;
  std::vector<std::unique_ptr<KeyedTask>> keyed_;
  std::vector<Merge<LedgerMessage>> ledger_merges_;
  std::vector<Merge<EffectMessage>> effect_merges_;
  std::vector<Merge<KeyedMessage>> keyed_merges_;
  std::unique_ptr<GlobalStage> global_;
  PipelineFigures figures_;
  Clock clock_;
  Cut cut_;
  std::unique_ptr<state::BulkWrite> bulk_;  // the commit to come
  std::size_t bytes_committed_ = 0;         // by the last commit
  // What the caches and what waits may hold; lowered where the whole process comes close to its budget.
  std::size_t held_max_;
  std::chrono::steady_clock::time_point last_commit_, last_lowered_;
};

// Whether the store holds what a pipeline has committed, to go on from.
Result<bool> has_run(const state::Store& store);

}  // namespace nudge::runtime
