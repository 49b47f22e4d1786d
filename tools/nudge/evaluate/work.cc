#include "tools/nudge/evaluate/work.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace nudge::evaluate {

Status run_pieces(const std::vector<std::function<Status()>>& pieces, unsigned threads, const Progress& progress) {
  std::vector<Status> told(pieces.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  std::size_t done = 0;
  const auto work = [&] {
    for (std::size_t piece = next++; piece < pieces.size() && !failed; piece = next++) {
      told[piece] = pieces[piece]();
      if (!told[piece]) failed = true;
      const std::lock_guard lock(mutex);
      if (progress) progress(++done, pieces.size());
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t thread = 1; thread < std::min<std::size_t>(threads, pieces.size()); ++thread)
      others.emplace_back(work);
    work();
  }
  for (Status& status : told)
    if (!status) return std::move(status);
  return Status::ok();
}

}  // namespace nudge::evaluate
