// Lifetime figures: what one rfm record costs, what a task pays for a changed customer, and what one epoch's fit costs.
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "operators/rfm/lifetime_cells.h"
#include "operators/rfm/lifetime_model.h"
#include "operators/rfm/purchase_fit.h"
#include "operators/rfm/value_fit.h"

namespace nudge::rfm {
namespace {

constexpr Millis kNow = 730 * kDay;
const LifetimeModel kModel{
    .model = PurchaseModel::kMbgNbd, .orders = {0.6, 8, 0.5, 1}, .value = ValueParameters{6, 4, 15}};

// Customers as the model has them, who began within two years.
std::vector<Purchases> shop(int customers) {
  std::mt19937_64 random(1);
  std::gamma_distribution rates(kModel.orders.r, 1 / kModel.orders.alpha);
  std::gamma_distribution<> leaves(kModel.orders.a), stays(kModel.orders.b), worth(kModel.value->q);
  std::vector<Purchases> all;
  for (int i = 0; i < customers; ++i) {
    std::exponential_distribution waits(std::max(rates(random), 1e-9));
    const double left = leaves(random), p = left / (left + stays(random));
    Purchases& one = all.emplace_back();
    one.first_at = one.last_at = static_cast<Millis>(random() % static_cast<std::uint64_t>(kNow));
    while (std::uniform_real_distribution()(random) > p) {
      const double wait = waits(random) * static_cast<double>(kWeek);
      if (wait > static_cast<double>(kNow - one.last_at)) break;
      one.last_at += static_cast<Millis>(wait);
      ++one.orders;
    }
    const double mean = kModel.value->p * kModel.value->gamma / worth(random);
    one.repeat_micro = static_cast<Int128>(std::llround(static_cast<double>(one.orders - 1) * mean * 1e6));
  }
  return all;
}

void figures(benchmark::State& state, const std::vector<Purchases>& customers, Millis after_last) {
  LifetimeFigures lifetime(kModel);
  std::size_t next = 0;
  for (auto _ : state) {
    const Purchases& one = customers[next++ % customers.size()];
    benchmark::DoNotOptimize(lifetime.of(one, one.last_at + after_last));
  }
}

// As written with an order: just now it was the last one.
void FiguresWithAnOrder(benchmark::State& state) { figures(state, shop(10'000), 0); }
BENCHMARK(FiguresWithAnOrder);

void FiguresAnHourAfterTheFirstOrder(benchmark::State& state) { figures(state, {Purchases{}}, kHour); }
BENCHMARK(FiguresAnHourAfterTheFirstOrder);

void FiguresAHundredDaysLater(benchmark::State& state) { figures(state, shop(10'000), 100 * kDay); }
BENCHMARK(FiguresAHundredDaysLater);

void AliveAndOrdersIn90Days(benchmark::State& state) {
  LifetimeModel without_value = kModel;
  without_value.value.reset();
  const auto customers = shop(10'000);
  std::size_t next = 0;
  for (auto _ : state) {
    const Purchases& one = customers[next++ % customers.size()];
    benchmark::DoNotOptimize(without_value.of(one, one.last_at));
  }
}
BENCHMARK(AliveAndOrdersIn90Days);

// One order more: out of a cell and into another.
void ReplaceACustomer(benchmark::State& state) {
  const auto customers = shop(10'000);
  LifetimeCells changes;
  changes.purchases.advance(kNow);
  std::size_t next = 0;
  for (auto _ : state) {
    const Purchases& before = customers[next++ % customers.size()];
    Purchases after = before;
    after.last_at = kNow;
    ++after.orders;
    after.repeat_micro += 20'000'000;
    changes.replace(before, after);
    if (next % 20'000 != 0) continue;
    changes = {};
    changes.purchases.advance(kNow);
  }
}
BENCHMARK(ReplaceACustomer);

// An epoch's work: all cells grow older by a day, and both models are fitted from where they were.
void LearnAnEpoch(benchmark::State& state) {
  LifetimeCells cells;
  for (const Purchases& one : shop(static_cast<int>(state.range(0)))) {
    cells.purchases.add(one, +1);
    cells.values.add(one, +1);
  }
  Millis now = kNow;
  cells.purchases.advance(now);
  auto orders = fit_purchases(kModel.model, cells.purchases.sample(now), std::nullopt)->parameters;
  auto value = *fit_values(cells.values.sample(), std::nullopt);
  for (auto _ : state) {
    now += kDay;
    cells.purchases.advance(now);
    orders = fit_purchases(kModel.model, cells.purchases.sample(now), orders)->parameters;
    value = *fit_values(cells.values.sample(), value);
  }
  state.counters["cells"] = static_cast<double>(cells.purchases.size() + cells.values.size());
}
BENCHMARK(LearnAnEpoch)->Arg(2'000)->Arg(20'000)->Arg(200'000)->Unit(benchmark::kMillisecond)->Iterations(20);

}  // namespace
}  // namespace nudge::rfm
