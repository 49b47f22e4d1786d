#include "engine/runtime/pipeline_figures.h"

namespace nudge::runtime {

void PipelineFigures::begin(const Router& router, std::uint64_t memory_budget_bytes) {
  metrics_->memory_budget_bytes.set(static_cast<double>(memory_budget_bytes));
  for (std::size_t i = 0; i < kTopicCount; ++i) {
    const TopicCounters& totals = router.counters()[i];
    Metrics::Input& input = metrics_->inputs[i];
    input.processed.begin_at(totals.processed);
    input.dead_letters.begin_at(totals.dead_letters);
    input.duplicates.begin_at(totals.duplicates);
    input.late.begin_at(totals.late);
  }
}

void PipelineFigures::round(const Router& router, Millis watermark, const Caches& caches) {
  for (std::size_t i = 0; i < kTopicCount; ++i) {
    const TopicCounters& totals = router.counters()[i];
    Metrics::Input& input = metrics_->inputs[i];
    input.processed.raise(totals.processed);
    input.dead_letters.raise(totals.dead_letters);
    input.duplicates.raise(totals.duplicates);
    input.late.raise(totals.late);
  }
  for (std::size_t i = 0; i < told_bad_.size(); ++i)
    metrics_->bad_records[i].add(router.bad_records()[i] - std::exchange(told_bad_[i], router.bad_records()[i]));
  if (watermark != kBeforeAll) metrics_->watermark_seconds.set(static_cast<double>(watermark) / kSecond);
  for (std::size_t i = 0; i < caches.size(); ++i) {
    Metrics::Cache& cache = metrics_->caches[i];
    cache.hits.add(caches[i].hits - told_[i].hits);
    cache.misses.add(caches[i].misses - told_[i].misses);
    cache.entries.set(static_cast<double>(caches[i].entries));
    cache.bytes.set(static_cast<double>(caches[i].bytes));
  }
  told_ = caches;
}

void PipelineFigures::commit(std::chrono::steady_clock::duration took, std::size_t bytes,
                             const state::StoreFigures& store) {
  metrics_->commits.observe(std::chrono::duration<double>(took).count());
  metrics_->commit_bytes.add(bytes);
  metrics_->state_disk_bytes.set(static_cast<double>(store.disk_bytes));
  metrics_->state_memory_bytes.set(static_cast<double>(store.memory_bytes));
  metrics_->state_written_bytes.raise(store.bytes_written);
}

}  // namespace nudge::runtime
