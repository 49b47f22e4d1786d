#include "engine/metrics.h"

#include <algorithm>
#include <cmath>

#include "engine/output.h"

namespace nudge {
namespace {

class Listing {
 public:
  void family(FigureKind kind, std::string_view name, std::string_view help) {
    families_.push_back({name, help, kind, {}});
  }
  void add(const Counter& counter, std::vector<FigureLabel> labels = {}) {
    sample(static_cast<double>(counter.value()), std::move(labels));
  }
  void add(const Gauge& gauge, std::vector<FigureLabel> labels = {}) {
    if (const double value = gauge.value(); !std::isnan(value)) sample(value, std::move(labels));
  }
  void add(const DurationHistogram& durations) {
    const auto cumulative = durations.cumulative();
    families_.back().samples.push_back({{}, durations.sum_seconds(), {cumulative.begin(), cumulative.end()}});
  }
  void sample(double value, std::vector<FigureLabel> labels) {
    families_.back().samples.push_back({std::move(labels), value, {}});
  }
  std::vector<FigureFamily> take() {
    std::erase_if(families_, [](const FigureFamily& family) { return family.samples.empty(); });
    return std::move(families_);
  }

 private:
  std::vector<FigureFamily> families_;
};

constexpr FigureKind kCounter = FigureKind::kCounter, kGauge = FigureKind::kGauge;

void list_engine(const Metrics& metrics, Listing& list) {
  list.family(kGauge, "nudge_build_info", "Always 1; the labels say what runs.");
  list.sample(1, {{"version", std::string(kEngineVersion)}});
  list.family(kGauge, "nudge_phase", "1 for what the engine is about: it is ready while it is running.");
  const Phase phase = metrics.phase.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < kPhaseNames.size(); ++i)
    list.sample(phase == static_cast<Phase>(i) ? 1 : 0, {{"phase", std::string(kPhaseNames[i])}});
  list.family(kGauge, "nudge_memory_budget_bytes", "What resident memory is to stay under.");
  list.add(metrics.memory_budget_bytes);
  list.family(kGauge, "nudge_watermark_timestamp_seconds", "How far event time is complete.");
  list.add(metrics.watermark_seconds);
  list.family(kCounter, "nudge_errors_total", "Failures that were met, by class; also those that a retry mended.");
  for (std::size_t i = 0; i < kErrorClasses.size(); ++i)
    list.add(metrics.errors[i], {{"class", std::string(kErrorClasses[i].name)}});
}

void list_inputs(const Metrics& metrics, Listing& list) {
  const auto each = [&](auto add) {
    for (std::size_t i = 0; i < kTopicCount; ++i)
      add(metrics.inputs[i], FigureLabel{"topic", std::string(kTopicNames[i])});
  };
  list.family(kCounter, "nudge_records_total", "Input records by topic and outcome; their sum is what was read.");
  each([&](const Metrics::Input& input, const FigureLabel& topic) {
    list.add(input.processed, {topic, {"outcome", "processed"}});
    list.add(input.dead_letters, {topic, {"outcome", "dead_letter"}});
    list.add(input.duplicates, {topic, {"outcome", "duplicate"}});
  });
  list.family(kCounter, "nudge_late_records_total", "Processed records that were later than allowed.");
  each([&](const Metrics::Input& input, const FigureLabel& topic) { list.add(input.late, {topic}); });
  list.family(kCounter, "nudge_bad_records_total", "Dead letters by what is wrong with them.");
  for (std::size_t i = 0; i < kBadRecordClasses.size(); ++i)
    list.add(metrics.bad_records[i], {{"error_class", std::string(kBadRecordClasses[i])}});
  list.family(kGauge, "nudge_lag_records", "Input records that are not read yet.");
  each([&](const Metrics::Input& input, const FigureLabel& topic) { list.add(input.lag_records, {topic}); });
  list.family(kGauge, "nudge_lag_seconds", "The age of the oldest input record that is not read yet.");
  each([&](const Metrics::Input& input, const FigureLabel& topic) { list.add(input.lag_seconds, {topic}); });
}

void list_state(const Metrics& metrics, Listing& list) {
  list.family(FigureKind::kDurations, "nudge_commit_duration_seconds", "How long commits took.");
  list.add(metrics.commits);
  list.family(kCounter, "nudge_commits_failed_total", "Commits that failed.");
  list.add(metrics.commits_failed);
  list.family(kCounter, "nudge_commit_bytes_total", "State that was written by commits.");
  list.add(metrics.commit_bytes);
  list.family(kGauge, "nudge_restore_done_records", "Records of the state that are restored.");
  list.add(metrics.restore_done);
  list.family(kGauge, "nudge_restore_total_records", "Records of the state that are to be restored.");
  list.add(metrics.restore_total);
  const auto each = [&](auto add) {
    for (std::size_t i = 0; i < Metrics::kCacheNames.size(); ++i)
      add(metrics.caches[i], FigureLabel{"cache", std::string(Metrics::kCacheNames[i])});
  };
  list.family(kCounter, "nudge_cache_requests_total", "Look-ups in the caches before the store.");
  each([&](const Metrics::Cache& cache, const FigureLabel& name) {
    list.add(cache.hits, {name, {"outcome", "hit"}});
    list.add(cache.misses, {name, {"outcome", "miss"}});
  });
  list.family(kGauge, "nudge_cache_entries", "What the caches hold.");
  each([&](const Metrics::Cache& cache, const FigureLabel& name) { list.add(cache.entries, {name}); });
  list.family(kGauge, "nudge_cache_bytes", "Memory of the caches.");
  each([&](const Metrics::Cache& cache, const FigureLabel& name) { list.add(cache.bytes, {name}); });
  list.family(kGauge, "nudge_state_disk_bytes", "The size of the state on the disk.");
  list.add(metrics.state_disk_bytes);
  list.family(kGauge, "nudge_state_memory_bytes", "Memory of the store.");
  list.add(metrics.state_memory_bytes);
  list.family(kCounter, "nudge_state_written_bytes_total", "What the store wrote to the disk, compactions too.");
  list.add(metrics.state_written_bytes);
}

}  // namespace

void Metrics::error(ErrorClass error_class, std::uint64_t n) {
  const auto found = std::ranges::find(kErrorClasses, error_class, &ErrorClassName::error_class);
  errors[static_cast<std::size_t>(found - kErrorClasses.begin())].add(n);
}

std::vector<FigureFamily> Metrics::families() const {
  Listing list;
  list_engine(*this, list);
  list_inputs(*this, list);
  list_state(*this, list);
  return list.take();
}

}  // namespace nudge
