// A rescoring of a million customers on one thread: from the record that makes it due until the last score is written,
// with the commits of a replay (every five seconds) and of a live run (ten a second).
//
// Each customer has one order or two in the six weeks before; two rescorings before have given the model its labels.
// State is in RocksDB, with the default budget of memory: customers who are not in the cache are read from it.
// `cpu_s` is that of the whole process, RocksDB's threads included.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "tools/bench/live_shop.h"

namespace nudge::bench {
namespace {

constexpr std::int64_t kCustomers = 1'000'000;
constexpr Millis kFirst = 2'800 * kWeek, kDue = kFirst + 6 * kWeek + kDay / 2;
constexpr const char* kConfiguration =
    "engine: {threads: 1, partitions: 8}\n"
    "input: {connector: memory}\n"
    "operators:\n  profile: {}\n  rfm: {}\n  sessions: {}\n"
    "  scores: [{name: churn, of: customers, label: {none: transactions, where: \"kind = 'sale'\", within: 14d}, "
    "every: 14d, offset: 12h}]\n";

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::string order(std::int64_t number, std::int64_t customer, Millis at) {
  return R"({"event_id":"e)" + std::to_string(number) + R"(","event_time":)" + std::to_string(at) +
         R"(,"customer_id":"customer-)" + std::to_string(customer) + R"(","transaction_id":"t)" +
         std::to_string(number) + R"(","kind":"sale","channel":"online","lines":[{"product_id":"p)" +
         std::to_string(number % 500) + R"(","quantity":)" + std::to_string(1 + number % 3) + R"(,"unit_price":)" +
         std::to_string(5 + number % 40) + "}]}";
}

// In the order of time, as a shop's records come.
void append_orders(connectors::MemoryLog& input) {
  std::mt19937_64 random(1);
  std::vector<std::pair<Millis, std::int64_t>> orders;
  const Millis last = kDue - kDay;
  for (std::int64_t customer = 0; customer < kCustomers; ++customer) {
    const Millis first = kFirst + static_cast<Millis>(random() % static_cast<std::uint64_t>(last - kFirst));
    orders.emplace_back(first, customer);
    // Those of some customers come back soon.
    const Millis again = first + kDay + static_cast<Millis>(random() % static_cast<std::uint64_t>(3 * kWeek));
    if (random() % 10 < 2 + static_cast<std::uint64_t>(customer % 4) && again < last)
      orders.emplace_back(again, customer);
  }
  std::sort(orders.begin(), orders.end());
  std::int64_t number = 0;
  for (const auto& [at, customer] : orders)
    input.append("transactions", static_cast<std::uint32_t>(customer % 4), order(++number, customer, at));
}

void rescore(benchmark::State& state) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "nudge_rescoring_bench";
  std::filesystem::remove_all(folder);
  connectors::MemoryLog input;
  input.make_topic("transactions", 4);
  append_orders(input);
  std::uint64_t scores = 0, withheld = 0, bytes = 0;
  TellingSink sink;
  sink.tell = [&](std::string_view topic, std::string_view line) {
    if (topic != "scores") return;
    scores += 1;
    bytes += line.size();
    withheld += line.find(R"("probability":null)") != std::string_view::npos;
  };
  {
    auto store = state::open_rocksdb({.folder = folder.string()});
    must(store.status());
    LiveShop shop(kConfiguration, input, sink, **store, state.range(0) != 0);
    shop.catch_up();
    must(shop.commit());
    for (auto _ : state) {
      scores = withheld = bytes = 0;
      const double cpu = cpu_seconds();
      const auto begin = std::chrono::steady_clock::now();
      for (std::uint32_t partition = 0; partition < 4; ++partition)
        input.append("transactions", partition, order(10 * kCustomers + partition, partition, kDue + kHour));
      shop.catch_up();
      state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
      state.counters["cpu_s"] = cpu_seconds() - cpu;
    }
  }
  state.counters["scores"] = static_cast<double>(scores);
  state.counters["withheld"] = static_cast<double>(withheld);
  state.counters["output_mb"] = static_cast<double>(bytes) / 1e6;
  std::filesystem::remove_all(folder);
}
BENCHMARK(rescore)
    ->Name("Rescoring")
    ->ArgName("live")
    ->Arg(0)
    ->Arg(1)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace nudge::bench
