// The global stage: merges the partials of all keyed tasks at the end of an epoch, learns, and keeps the models until
// the event time from which they are valid.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/program.h"
#include "state/store.h"

namespace nudge::runtime {

class GlobalStage {
 public:
  explicit GlobalStage(const Program& program);
  ~GlobalStage();

  Status restore(const state::Store& store);
  void write_changes(state::Batch& batch);

  // `partials[task][slot]`. Every epoch once, in order. `last`: the input has ended; what is published is valid at
  // once.
  void learn(const std::vector<std::vector<std::string>>& partials, Millis epoch_end, bool last);

  // Models that become valid at or before `time` and were not handed out yet, in the order of their validity.
  std::vector<Model> due(Millis time);

  void conclude(const std::vector<std::vector<std::string>>& conclusions);
  void finish(Millis end);
  void report(JsonWriter& json);
  Outputs& outputs() { return outputs_; }

 private:
  class Context;
  const Program& program_;
  std::vector<std::unique_ptr<GlobalOperator>> operators_;  // by slot; null: none
  std::vector<Model> waiting_;                              // by valid_from
  bool changed_ = false;
  Outputs outputs_;
};

}  // namespace nudge::runtime
