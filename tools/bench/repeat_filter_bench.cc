// What it costs to ask whether an event was seen: in memory, and with most hashes in runs of a RocksDB store.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "state/repeat_filter.h"

namespace nudge::state {
namespace {

Hash128 hash_of(std::uint64_t i) { return {mix(1, i), mix(2, i)}; }

// New hashes, a commit after every 100,000; arguments: how many, and the memory in MiB.
void BM_NewHashes(benchmark::State& bench) {
  const auto hashes = static_cast<std::uint64_t>(bench.range(0));
  char folder[] = "/tmp/nudge_repeat_bench_XXXXXX";
  if (mkdtemp(folder) == nullptr) return bench.SkipWithError("no temporary folder");
  {
    auto store = open_rocksdb({.folder = folder, .memory_budget_bytes = 64 << 20, .threads = 1});
    if (!store) return bench.SkipWithError(store.status().message().c_str());
    auto filter = RepeatFilter::load(**store, "d", static_cast<std::size_t>(bench.range(1)) << 20);
    for (auto _ : bench) {
      for (std::uint64_t i = 0; i < hashes; ++i) {
        if (!*filter->insert(hash_of(i))) return bench.SkipWithError("a new hash was taken for a repeat");
        if (i % 100'000 != 99'999) continue;
        Batch batch;
        filter->write_changes(batch);
        if (!(*store)->write(batch)) return bench.SkipWithError("write failed");
      }
    }
    bench.counters["hashes"] = benchmark::Counter(static_cast<double>(hashes), benchmark::Counter::kIsRate);
    bench.counters["runs"] = static_cast<double>(filter->runs());
    bench.counters["memory_MB"] = static_cast<double>(filter->memory_bytes()) / 1e6;
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_NewHashes)
    ->Args({2'000'000, 512})
    ->Args({5'000'000, 16})
    ->Args({10'000'000, 16})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nudge::state
