// Runs the same step for many tasks on a fixed number of threads, and waits for all of them.
//
// Task i always runs on thread i mod threads, so a task's memory stays with one thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/status.h"

namespace nudge::runtime {

class WorkerPool {
 public:
  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Calls step(0) … step(tasks − 1), each once, and returns after the last.
  void run(std::size_t tasks, const std::function<void(std::size_t)>& step);
  // The same of steps that may fail: the failure of the first task that has one.
  Status try_each(std::size_t tasks, const std::function<Status(std::size_t)>& step);
  int threads() const { return static_cast<int>(workers_.size()) + 1; }

 private:
  void work(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable start_, done_;
  const std::function<void(std::size_t)>* step_ = nullptr;
  std::size_t tasks_ = 0;
  std::size_t running_ = 0;
  std::uint64_t generation_ = 0;
  bool stop_ = false;
  std::vector<std::jthread> workers_;  // the caller is the first worker
};

}  // namespace nudge::runtime
