// Tells how a pipeline is getting on: after every round and every commit, from the thread that runs it.
//
// Totals that the state remembers from earlier processes are left out, and what a new pipeline of the same process does
// again is not counted twice (engine/figure.h).
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "engine/metrics.h"
#include "engine/runtime/entity_cache.h"
#include "engine/runtime/ingest.h"
#include "engine/runtime/router.h"
#include "state/store.h"

namespace nudge::runtime {

class PipelineFigures {
 public:
  using Caches = std::array<CacheFigures, Metrics::kCacheNames.size()>;  // each of all tasks together

  // Null: tells nobody. Else it outlives this.
  explicit PipelineFigures(Metrics* metrics) : metrics_(metrics) {}
  bool wanted() const { return metrics_ != nullptr; }

  // All of these only where wanted. Before the first round, with what was restored.
  void begin(const Router& router);
  void input(const Router& router, Millis watermark);
  void caches(const Caches& caches);
  // `ends`: of the inputs, behind the last record that is known to be there.
  void lag(const std::vector<std::unique_ptr<IngestTask>>& inputs, const std::vector<std::optional<std::int64_t>>& ends,
           Millis wall_clock);
  void commit(std::chrono::steady_clock::duration took, std::size_t bytes, const state::StoreFigures& store);

 private:
  Metrics* const metrics_;
  Caches told_{};
  std::array<std::uint64_t, kBadRecordClasses.size()> told_bad_{};
};

}  // namespace nudge::runtime
