#include "engine/runtime/pipeline_figures.h"

#include <algorithm>

#include "engine/log.h"
#include "engine/runtime/pipeline.h"

namespace nudge::runtime {

void PipelineFigures::begin(const Router& router) {
  for (std::size_t i = 0; i < kTopicCount; ++i) {
    const TopicCounters& totals = router.counters()[i];
    Metrics::Input& input = metrics_->inputs[i];
    input.processed.begin_at(totals.processed);
    input.dead_letters.begin_at(totals.dead_letters);
    input.duplicates.begin_at(totals.duplicates);
    input.late.begin_at(totals.late);
  }
}

void PipelineFigures::input(const Router& router, Millis watermark) {
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
}

void PipelineFigures::caches(const Caches& caches) {
  for (std::size_t i = 0; i < caches.size(); ++i) {
    Metrics::Cache& cache = metrics_->caches[i];
    cache.hits.add(caches[i].hits - told_[i].hits);
    cache.misses.add(caches[i].misses - told_[i].misses);
    cache.entries.set(static_cast<double>(caches[i].entries));
    cache.bytes.set(static_cast<double>(caches[i].bytes));
  }
  told_ = caches;
}

void PipelineFigures::lag(const std::vector<std::unique_ptr<IngestTask>>& inputs,
                          const std::vector<std::optional<std::int64_t>>& ends, Millis wall_clock) {
  std::array<std::int64_t, kTopicCount> records{};
  std::array<Millis, kTopicCount> age{};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const IngestTask& input = *inputs[i];
    const auto taken = static_cast<std::int64_t>(input.position().position.offset);
    // Behind the last record may still be the marks of transactions.
    if (!ends[i] || *ends[i] <= taken || (!input.waits() && !input.behind())) continue;
    const auto topic = static_cast<std::size_t>(input.info().topic);
    records[topic] += *ends[i] - taken;
    if (input.timestamp() != connectors::RawBatch::kNoTimestamp)
      age[topic] = std::max(age[topic], wall_clock - input.timestamp());
  }
  for (std::size_t topic = 0; topic < kTopicCount; ++topic) {
    metrics_->inputs[topic].lag_records.set(static_cast<double>(records[topic]));
    metrics_->inputs[topic].lag_seconds.set(static_cast<double>(age[topic]) / kSecond);
  }
}

void PipelineFigures::commit(std::chrono::steady_clock::duration took, std::size_t bytes,
                             const state::StoreFigures& store) {
  metrics_->commits.observe(std::chrono::duration<double>(took).count());
  metrics_->commit_bytes.add(bytes);
  metrics_->state_disk_bytes.set(static_cast<double>(store.disk_bytes));
  metrics_->state_memory_bytes.set(static_cast<double>(store.memory_bytes));
  metrics_->state_written_bytes.raise(store.bytes_written);
}

// ---- the pipeline itself --------------------------------------------------------------------------------

void Pipeline::tell_figures() {
  if (!figures_.wanted()) return;
  PipelineFigures::Caches caches{};
  for (const auto& task : tasks_.tasks()) {
    caches[Metrics::kCustomers] += task->keyed.cache();
    caches[Metrics::kVisitors] += task->visitors.cache();
    caches[Metrics::kTransactions] += task->ledger.cache();
  }
  figures_.caches(caches);
  if (spine_) figures_.input(spine_->router(), spine_->active());
}

void Pipeline::tell_lag(const std::vector<std::optional<std::int64_t>>& ends, Millis wall_clock) {
  if (figures_.wanted()) figures_.lag(spine_->ingest(), ends, wall_clock);
}

void Pipeline::log_memory(std::size_t written) const {
  if (!log::is_on(log::Level::kDebug)) return;
  std::size_t customers = 0, bytes = 0, visitors = 0, transactions = 0;
  for (const auto& task : tasks_.tasks()) {
    customers += task->keyed.customers_cached();
    bytes += task->keyed.memory_bytes();
    visitors += task->visitors.memory_bytes();
    transactions += task->ledger.memory_bytes();
  }
  log::debug(
      "committed bytes={} customers={} customers_bytes={} visitors_bytes={} ledger_bytes={} repeats_bytes={} "
      "store_bytes={}",
      written, customers, bytes, visitors, transactions, spine_ ? spine_->repeats().memory_bytes() : 0,
      store_.figures().memory_bytes);
}

}  // namespace nudge::runtime
