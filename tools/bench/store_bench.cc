// Costs of the RocksDB store under the engine's load: sorted batches over a whole key space, sorted reads.
// CPU time is that of the whole process, background flushes and compactions included.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "state/store.h"

namespace nudge::state {
namespace {

double process_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string key_of(std::uint64_t i) {
  char text[24];
  std::snprintf(text, sizeof text, "s/%016llx", static_cast<unsigned long long>(i * 0x9e3779b1));
  return text;
}

// About as compressible as encoded state: ids and varints between zero bytes.
std::string value_of(std::mt19937_64& random) {
  std::string value(400, '\0');
  for (std::size_t i = 0; i < value.size(); i += 16) {
    const std::uint64_t word = random();
    value.replace(i, 8, reinterpret_cast<const char*>(&word), 8);
  }
  return value;
}

std::vector<std::string> sorted_sample(std::uint64_t keys, std::size_t count, std::mt19937_64& random) {
  std::vector<std::string> sample;
  for (std::size_t i = 0; i < count; ++i) sample.push_back(key_of(random() % keys));
  std::sort(sample.begin(), sample.end());
  sample.erase(std::unique(sample.begin(), sample.end()), sample.end());
  return sample;
}

void BM_SortedBatches(benchmark::State& bench) {
  const auto keys = static_cast<std::uint64_t>(bench.range(0));
  const auto batch_keys = static_cast<std::size_t>(bench.range(1));
  char folder[] = "/tmp/nudge_store_bench_XXXXXX";
  if (mkdtemp(folder) == nullptr) return bench.SkipWithError("no temporary folder");
  std::mt19937_64 random(1);
  {
    auto opened = open_rocksdb({.folder = folder, .memory_budget_bytes = 256ull << 20, .threads = 1});
    if (!opened) return bench.SkipWithError(opened.status().message().c_str());
    Store& store = **opened;
    double put_seconds = 0, get_seconds = 0;
    std::uint64_t puts = 0, gets = 0;
    std::vector<std::string> values;
    for (int i = 0; i < 64; ++i) values.push_back(value_of(random));
    std::vector<std::optional<std::string>> read;
    for (auto _ : bench) {
      // Every key is written about four times.
      for (std::uint64_t round = 0; round < 4 * keys / batch_keys; ++round) {
        const auto sample = sorted_sample(keys, batch_keys, random);
        double start = process_cpu_seconds();
        if (round % 4 == 3) {
          if (!store.multi_get(sample, read)) return bench.SkipWithError("multi_get failed");
          gets += sample.size();
          get_seconds += process_cpu_seconds() - start;
          start = process_cpu_seconds();
        }
        Batch batch;
        for (const std::string& key : sample) batch.put(key, values[puts++ % values.size()]);
        if (!store.write(batch)) return bench.SkipWithError("write failed");
        put_seconds += process_cpu_seconds() - start;
      }
      const double start = process_cpu_seconds();
      if (!store.sync()) return bench.SkipWithError("sync failed");
      put_seconds += process_cpu_seconds() - start;
    }
    const StoreFigures figures = store.figures();
    bench.counters["put_us"] = put_seconds * 1e6 / static_cast<double>(puts);
    bench.counters["get_us"] = get_seconds * 1e6 / static_cast<double>(gets);
    bench.counters["disk_MB"] = static_cast<double>(figures.disk_bytes) / 1e6;
    bench.counters["written_per_put_B"] = static_cast<double>(figures.bytes_written) / static_cast<double>(puts);
    bench.counters["memory_MB"] = static_cast<double>(figures.memory_bytes) / 1e6;
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_SortedBatches)
    ->Args({200'000, 20'000})
    ->Args({2'000'000, 200'000})
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->UseRealTime();

}  // namespace
}  // namespace nudge::state
