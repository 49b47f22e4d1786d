// How long it takes from a page view's arrival until its hesitation score is written, at 20,000 page views a second.
//
// Open loop: a view is due at its place in the schedule, and its time runs from there, whether the shop was ready or
// not. Days of sessions and sales before have given the model its labels. Whatever comes while a commit is written
// waits for it, so the interval of commits shows. In one case an epoch ends, and is learnt, in the middle.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "tools/bench/live_shop.h"

namespace nudge::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kRate = 20'000, kCustomers = 50'000, kVisitorsBefore = 4'000;
constexpr std::uint32_t kPartitions = 4;
constexpr Millis kFirst = 2'800 * kWeek;
constexpr int kDaysBefore = 4;
constexpr const char* kConfiguration =
    "engine: {{threads: 1, partitions: 4, merge_wait: 2ms, disorder: 1s, commit_interval: {}ms}}\n"
    "input: {{connector: memory}}\n"
    "operators:\n  profile: {{}}\n  rfm: {{}}\n  sessions: {{}}\n"
    "  scores: [{{name: hesitation, of: sessions, label: {{any: transactions, where: \"kind = 'sale'\", "
    "within: session}}}}]\n";

std::string start_of(const std::string& id, Millis at, std::int64_t customer) {
  return R"({"event_id":")" + id + R"(","event_time":)" + std::to_string(at) + R"(,"customer_id":"c)" +
         std::to_string(customer) + '"';
}

void append_view(connectors::MemoryLog& input, const std::string& id, Millis at, std::int64_t customer,
                 const std::string& session, bool adds) {
  input.append("page_views", static_cast<std::uint32_t>(customer % kPartitions),
               start_of(id, at, customer) + R"(,"visitor_id":"v)" + std::to_string(customer) + R"(","session_id":")" +
                   session + R"(","action":")" + (adds ? "cart_add" : "product_view") + R"(","device":")" +
                   (customer % 3 == 0 ? "mobile" : "desktop") + R"("})");
}

// Sessions of a few views each; whoever puts things into the cart buys more often.
void append_days(connectors::MemoryLog& input) {
  std::mt19937 random(1);
  std::int64_t number = 0;
  for (Millis at = kFirst; at < kFirst + kDaysBefore * kDay - 4 * kHour; at += kMinute) {
    for (int sessions = 0; sessions < 3; ++sessions) {
      const std::int64_t customer = random() % kVisitorsBefore;
      const std::string session = fmt::format("b{}", ++number);
      int adds = 0;
      for (int view = 0; view < 4; ++view) {
        const bool adds_now = random() % 4 == 0;
        adds += adds_now;
        append_view(input, session + "." + std::to_string(view), at + view, customer, session, adds_now);
      }
      if (random() % 10 >= static_cast<unsigned>(1 + 3 * adds)) continue;
      input.append("transactions", static_cast<std::uint32_t>(customer % kPartitions),
                   start_of(session + ".t", at + 5, customer) + R"(,"transaction_id":")" + session +
                       R"(","kind":"sale","lines":[{"product_id":"p","quantity":1,"unit_price":10}]})");
    }
  }
}

void hesitate(benchmark::State& state) {
  const std::int64_t views = state.range(0) * kRate;
  const bool with_epoch = state.range(1) != 0;
  connectors::MemoryLog input;
  input.make_topic("transactions", kPartitions);
  input.make_topic("page_views", kPartitions);
  append_days(input);
  TellingSink sink;
  const auto store = state::make_memory_store();
  // A customer's views are scored in their order: the one that a score is of follows from how many there were before.
  std::vector<std::int64_t> scored(kCustomers);
  std::vector<double> late_ms;
  late_ms.reserve(static_cast<std::size_t>(views));
  std::uint64_t withheld = 0;
  Clock::time_point begin;
  const auto due = [&](std::int64_t view) { return begin + std::chrono::nanoseconds(view * (1'000'000'000 / kRate)); };
  bool measures = false;
  sink.tell = [&](std::string_view topic, std::string_view line) {
    if (topic != "scores" || !measures) return;
    constexpr std::string_view kKey = R"("customer_id":"c)";
    const std::int64_t customer = std::atoll(line.data() + line.find(kKey) + kKey.size());
    const std::int64_t view = customer + kCustomers * scored[static_cast<std::size_t>(customer)]++;
    late_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - due(view)).count());
    withheld += line.find(R"("probability":null)") != std::string_view::npos;
  };
  LiveShop shop(fmt::format(fmt::runtime(kConfiguration), state.range(2)), input, sink, *store, true);
  shop.catch_up();
  const Millis end_of_epoch = kFirst + kDaysBefore * kDay;
  const Millis from = with_epoch ? end_of_epoch - state.range(0) * 500 : end_of_epoch - 2 * kHour;
  // What time alone brings until then is no part of what is measured.
  append_view(input, "before", from - 1, kCustomers, "before", false);
  shop.catch_up();
  for (auto _ : state) {
    measures = true;
    begin = Clock::now();
    std::jthread shoppers([&] {
      for (std::int64_t view = 0; view < views; ++view) {
        if (Clock::now() < due(view)) std::this_thread::sleep_until(due(view));
        const std::int64_t customer = view % kCustomers;
        append_view(input, fmt::format("l{}", view), from + view * 1'000 / kRate, customer,
                    fmt::format("s{}", customer), view / kCustomers % 3 == 1);
      }
    });
    while (late_ms.size() < static_cast<std::size_t>(views))
      if (!shop.turn()) std::this_thread::sleep_for(std::chrono::microseconds(100));
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - begin).count());
  }
  std::sort(late_ms.begin(), late_ms.end());
  const auto at = [&](double share) {
    return late_ms[static_cast<std::size_t>(share * static_cast<double>(late_ms.size() - 1))];
  };
  state.counters["p50_ms"] = at(0.5);
  state.counters["p99_ms"] = at(0.99);
  state.counters["p999_ms"] = at(0.999);
  state.counters["max_ms"] = late_ms.back();
  state.counters["withheld"] = static_cast<double>(withheld);
}
BENCHMARK(hesitate)
    ->Name("PageViewToHesitation")
    ->ArgNames({"seconds", "epoch", "commit_ms"})
    ->Args({20, 0, 100})
    ->Args({20, 0, 20})
    ->Args({20, 0, 10})
    ->Args({20, 1, 10})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace nudge::bench
