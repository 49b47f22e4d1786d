// One instance's part of the dataflow: its tasks, and the spine where it has it, step by step on a pool of threads.
//
// On one machine it has everything: the spine makes the steps (spine.h), the tasks do them (task_set.h). Where steps
// are cut does not show in the output, but for the epochs and rescorings that are steps of their own. Of several
// instances one has the spine, and the steps come to the others through the exchange.
//
// A commit is one bulk write of the store: all state, the positions of the input, and the lengths of the output. Where
// much of timelines waits for it, that is put aside before. The outputs are on the disk first; after a crash what is
// beyond the recorded lengths is cut off and made again.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sink.h"
#include "connectors/source.h"
#include "engine/runtime/pipeline_figures.h"
#include "engine/runtime/spine.h"
#include "engine/runtime/task_set.h"
#include "engine/runtime/worker_pool.h"

namespace nudge::runtime {

struct PipelineOptions {
  std::optional<Millis> from, until;
  int threads = 1;
  // Every commit is small and soon: nothing is put aside before, and compacted topics are written as things happen.
  bool live = false;
  // Whether a commit that is due can begin now; else the next rounds join it, unless much is held. Nothing: always.
  std::function<bool()> may_commit;
  Metrics* metrics = nullptr;  // is told how it gets on; outlives the pipeline
  // Which tasks are here, numbers rising; nothing: all. Those that are elsewhere, or were, need an exchange.
  std::optional<std::vector<std::uint32_t>> tasks;
  Exchange* exchange = nullptr;
};

struct PipelineProgress {
  std::uint64_t bytes_read = 0, bytes_total = 0, events = 0;
  Millis event_time = kBeforeAll;
};

class Pipeline {
 public:
  // `source`: null where the spine is elsewhere.
  Pipeline(const Program& program, const PipelineOptions& options, const connectors::Source* source,
           connectors::Sink& sink, state::Store& store);
  ~Pipeline();

  // Goes on where the last commit was, or begins.
  Status open();
  // The next step of all input. False when it has ended and everything is done up to `finish`.
  Result<bool> step();
  // After the last step: final records and the report, as JSON. A live run has no last words: of what ran live only
  // what compacted topics hold at the end is written.
  enum class Ending : std::uint8_t { kOfInput, kOfJournal };
  Result<std::string> finish(Ending ending = Ending::kOfInput);

  // Live, and of what ran live, instead of step(): rounds are cut by somebody else (cut.h).
  // Reads what is there, as far ahead as a round may need.
  Status read_ahead() { return spine_->read_ahead(); }
  std::vector<Sequencer::Input> inputs() const { return spine_->inputs(); }
  // Takes everything that the cut allows. After open() of something that was interrupted, first call it with
  // last_cut(), which may not have been done to its end.
  Status round_to(const Cut& cut);
  const Cut& last_cut() const { return spine_->last_cut(); }
  // With the spine here, first of all after open(): tasks that come from other owners do what they have missed.
  Status catch_up();
  // With the spine elsewhere: does the next step, if it comes within this time.
  Result<bool> follow(std::chrono::milliseconds timeout);

  Status commit();
  // Commits where the interval has passed or much is held, and says whether it did.
  Result<bool> commit_when_due();
  // Of the source's partitions: the first offset that is not taken.
  std::vector<std::uint64_t> positions() const { return spine_->positions(); }
  // `counters` of the report, as JSON.
  std::string counters() const;

  PipelineProgress progress() const;
  // Tells the figures of what is not taken yet. `ends`: of the source's partitions, behind the last record that is
  // known.
  void tell_lag(const std::vector<std::optional<std::int64_t>>& ends, Millis wall_clock);

 private:
  Status perform(const Step& step, Router* router);
  Status pass_time();
  Status hand_over_outputs();
  Status append(Outputs& outputs);
  std::size_t held() const;       // by caches and what waits: what a commit can let go of
  std::size_t held_most() const;  // of that
  void watch_memory();
  Status write_timelines();
  Status write_changes(const connectors::SinkPosition& position);
  void tell_figures();
  void log_memory(std::size_t written) const;
  void write_counters(JsonWriter& json) const;
  Status restore_outputs();
  std::string report();

  const Program& program_;
  const PipelineOptions options_;
  connectors::Sink& sink_;
  state::Store& store_;
  WorkerPool pool_;
  std::unique_ptr<Spine> spine_;  // null: elsewhere
  TaskSet tasks_;
  PipelineFigures figures_;
  std::unique_ptr<state::BulkWrite> bulk_;  // the commit to come
  std::size_t bytes_committed_ = 0;         // by the last commit
  // What the caches, what waits and the products may hold; lowered where the whole process comes close to its budget.
  std::size_t held_max_;
  std::chrono::steady_clock::time_point last_commit_, last_lowered_, looked_at_memory_;
};

}  // namespace nudge::runtime
