// The tasks that this instance owns: all of them where it is alone.
//
// A step is done by all tasks together, stage by stage. What goes from task to task passes by reference where both are
// here, and through the exchange where one is not; each stage waits for the slowest task, wherever it is. A task that
// comes from another owner may be behind: then it does its missing steps first, with what was sent for them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/exchange.h"
#include "engine/runtime/router.h"
#include "engine/runtime/task.h"
#include "engine/runtime/worker_pool.h"

namespace nudge::runtime {

class TaskSet {
 public:
  // `exchange`: null where all tasks and the spine are here and always were.
  TaskSet(const Program& program, state::Store& store, WorkerPool& pool, Exchange* exchange);

  // Makes the owned tasks, numbers rising, as the store has them. A step that was interrupted while time passed goes on
  // with advance(). `spine_is_here`: this instance has the spine, too. `horizon`: no time beyond it ever passes.
  Status open(const std::vector<std::uint32_t>& owned, bool spine_is_here, Millis horizon);

  const std::vector<std::unique_ptr<Task>>& tasks() const { return tasks_; }
  bool is_complete() const { return tasks_.size() == partitions_; }
  std::uint64_t step() const;  // the last one that all tasks have done

  // Whether the next step has come through the exchange for all tasks that have not done it; waits at most this long
  // for anything to come.
  Result<bool> arrived(std::chrono::milliseconds timeout);
  // That step; waits for it.
  Result<Step> receive();
  // Does the step with the tasks that have not done it, all but the time that passes at its end. `router` has the
  // round's records, and sends them to tasks elsewhere; null: as next() brought them.
  Status perform(const Step& step, Router* router);
  // Lets time pass to the end of the step. False where it paused, as there is much to hand over or to commit.
  Result<bool> advance();
  // Of all tasks, by task and slot, after perform() of a step to learn from.
  Result<std::vector<std::vector<std::string>>> partials(const Step& step);

  void write_changes(state::ChangeWriter& changes);

 private:
  using Encode = std::function<void(Task& from, std::uint32_t to, Encoder& out)>;
  using Decode = std::function<bool(Received& received, Decoder& in)>;

  void activate(std::uint64_t step);
  bool is_active(std::uint32_t task) const { return active_by_number_[task] != nullptr; }
  Status each(const std::function<Status(Task&)>& work);
  Status announce(const Step& step, Router& router);
  Status round(const Step& step, Router* router);
  Status forget(const Step& step);
  Status learn(const Step& step);
  Status swap(const Step& step, Stage stage, const Encode& encode);
  Status decode_incoming(Task& task, const Decode& decode) const;

  const Program& program_;
  const std::uint32_t partitions_;
  state::Store& store_;
  WorkerPool& pool_;
  Exchange* const exchange_;
  bool spine_is_here_ = true;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<const Task*> by_number_;  // null: elsewhere
  // The tasks that do the step under way.
  std::vector<Task*> active_, active_by_number_;
};

}  // namespace nudge::runtime
