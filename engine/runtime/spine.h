// What there is once, whatever the number of tasks: the input in its order, the event clock, and the global stage.
//
// From them it makes the steps that all tasks do. A step is a function of the input, of its cuts (cut.h) where there
// are any, and of the spine's state; so the same steps, under the same numbers, are made again after a restart. One
// thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/source.h"
#include "engine/runtime/cut.h"
#include "engine/runtime/global_stage.h"
#include "engine/runtime/router.h"
#include "engine/runtime/sequencer.h"
#include "engine/runtime/step.h"
#include "engine/runtime/sweep_calendar.h"
#include "engine/runtime/worker_pool.h"

namespace nudge::runtime {

class Spine {
 public:
  struct Options {
    std::optional<Millis> from, until;
    std::size_t repeats_bytes_max = 0;  // memory of the remembered event ids
  };
  Spine(const Program& program, const Options& options, const connectors::Source& source, const state::Store& store,
        WorkerPool& pool);

  // Goes on where the store says that the last commit was, or begins.
  Status open();

  // Reads what is there, as far ahead as a round may need.
  Status read_ahead();
  std::vector<Sequencer::Input> inputs() const;
  // From now on next() goes as far as the cut allows. After open() the last cut may not be done to its end.
  Status obey(const Cut& cut);
  const Cut& last_cut() const { return cut_; }

  // The next step; its records, if it is a round, are in the router until the router is cleared. Nothing: without a
  // cut, the input has ended; with one, it is done. Dead letters and late events are in the router's outputs.
  Result<std::optional<Step>> next();
  std::uint64_t step() const { return step_; }  // the last one that was made

  // The end of an epoch: partials[task][slot]. `last`: the input has ended.
  void learn(const std::vector<std::vector<std::string>>& partials, Millis epoch_end, bool last);
  bool has_learned_last() const { return clock_.learned_last; }
  // Models that nobody has adopted yet, at the end of the input.
  std::vector<Model> last_models() { return global_.due(kNever - 1); }

  Router& router() { return *router_; }
  const Router& router() const { return *router_; }
  GlobalStage& global() { return global_; }
  const state::RepeatWindow& repeats() const { return *repeats_; }

  bool has_started() const { return clock_.started; }
  Millis active() const { return clock_.active; }  // the watermark of the last record
  Millis end() const { return options_.until.value_or(std::max<Millis>(router_->newest(), 0)); }
  Millis horizon() const { return options_.until.value_or(kNever); }
  // Of the source's partitions: the first offset that is not taken.
  std::vector<std::uint64_t> positions() const;
  const std::vector<std::unique_ptr<IngestTask>>& ingest() const { return inputs_; }

  void write_changes(state::Batch& batch);

 private:
  // Where the event clock stands.
  struct Clock {
    bool started = false;
    Millis active = kBeforeAll;
    Millis next_epoch = kNever;    // the end of the epoch that is under way
    std::uint8_t boundary = 0;     // how many steps of this end were made
    Millis advanced = kBeforeAll;  // to which time the tasks were told to come
    bool learned_last = false;     // the input has ended and the last partials are merged
  };

  Step make(Step::Kind kind, Millis at, Millis watermark);
  Result<Step> start_clock();
  Result<Step> round(Millis boundary);
  Step boundary();
  Step jump(Millis to);
  Status open_inputs(Decoder* positions);
  std::string own_state() const;
  Status decode_own_state(std::string_view bytes);

  const Program& program_;
  const Options options_;
  const connectors::Source& source_;
  const state::Store& store_;
  WorkerPool& pool_;
  std::vector<std::unique_ptr<IngestTask>> inputs_;
  std::optional<state::RepeatWindow> repeats_;
  std::unique_ptr<Router> router_;
  GlobalStage global_;
  SweepCalendar sweeps_;
  Clock clock_;
  std::uint64_t step_ = 0;
  Cut cut_;
  bool has_cut_ = false;  // obeys cut_
};

// Whether the store holds what a spine has committed, to go on from.
Result<bool> has_run(const state::Store& store);

}  // namespace nudge::runtime
