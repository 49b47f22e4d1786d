#include "engine/runtime/worker_pool.h"

namespace nudge::runtime {

WorkerPool::WorkerPool(int threads) {
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(static_cast<std::size_t>(i)); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
}

void WorkerPool::run(std::size_t tasks, const std::function<void(std::size_t)>& step) {
  const std::size_t stride = workers_.size() + 1;
  if (!workers_.empty() && tasks > 1) {
    {
      const std::lock_guard lock(mutex_);
      step_ = &step;
      tasks_ = tasks;
      running_ = workers_.size();
      ++generation_;
    }
    start_.notify_all();
    for (std::size_t i = 0; i < tasks; i += stride) step(i);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
    step_ = nullptr;
  } else {
    for (std::size_t i = 0; i < tasks; ++i) step(i);
  }
}

Status WorkerPool::try_each(std::size_t tasks, const std::function<Status(std::size_t)>& step) {
  std::vector<Status> outcomes(tasks);
  run(tasks, [&](std::size_t i) { outcomes[i] = step(i); });
  for (Status& outcome : outcomes)
    if (!outcome) return std::move(outcome);
  return Status::ok();
}

void WorkerPool::work(std::size_t worker) {
  std::uint64_t seen = 0;
  for (;;) {
    const std::function<void(std::size_t)>* step = nullptr;
    std::size_t tasks = 0, stride = 0;
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stop_ || generation_ != seen; });
      if (stop_) return;
      seen = generation_;
      step = step_;
      tasks = tasks_;
      stride = workers_.size() + 1;
    }
    for (std::size_t i = worker; i < tasks; i += stride) (*step)(i);
    {
      const std::lock_guard lock(mutex_);
      if (--running_ == 0) done_.notify_one();
    }
  }
}

}  // namespace nudge::runtime
