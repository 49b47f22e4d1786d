// What rules between sets of items cost: finding the candidates, and counting and testing one of them.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <string>

#include "operators/sequence_rules/set_counts.h"
#include "operators/sequence_rules/set_miner.h"
#include "operators/sequence_rules/trial.h"

namespace nudge::sequence_rules {
namespace {

constexpr Millis kUntil = 300 * kDay, kHorizon = 12 * kWeek, kSince = kUntil - 8 * kWeek;
constexpr int kProducts = 300;
const Segment kAll{"all", "customers", "true", true, 0};

// Customers who buy some items, a few of them far more often than the others, on 1 to 79 days.
class Shop {
 public:
  explicit Shop(std::uint64_t customers)
      : window_(kDay), items_({Template::parse("{product_id}").value()}, PriceLevels({})) {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> draw(0, 1);
    std::uint64_t transaction = 0;
    for (std::uint64_t customer = 1; customer <= customers; ++customer)
      for (unsigned left = 1 + random() % 79; left > 0; --left) {
        std::vector<Line> lines;
        for (unsigned more = 1 + random() % 8; more > 0; --more) {
          const int product = static_cast<int>(std::pow(kProducts, draw(random))) - 1;
          lines.push_back(Line::of(products_.number_of("p" + std::to_string(product)), DiscountLevel::kUnknown));
        }
        window_.add({customer, 1}, ++transaction, 1 + static_cast<Millis>(random() % kUntil), lines);
      }
    window_.settle();
  }
  Histories histories() { return Histories(0, kUntil, window_, products_, items_); }
  Item item(int product) { return items_.number_of("p" + std::to_string(product)); }

 private:
  Products products_;
  SaleWindow window_;
  ItemTable items_;
};

// Up to two items a side, in a tenth of the customers.
void mine_sets(benchmark::State& state) {
  const auto customers = static_cast<std::uint64_t>(state.range(0));
  Shop shop(customers);
  const Histories histories = shop.histories();
  const Occurrences occurrences(histories, kAll);
  SetMinerLimits limits;
  limits.least_count = static_cast<std::uint32_t>(customers / 10);
  limits.min_confidence = Share::of(0.1);
  limits.antecedent_most = limits.consequent_most = 2;
  limits.candidates_most = 200'000;
  std::size_t found = 0;
  for (auto _ : state) {
    Cuts cuts(kHorizon, 0);
    for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer)
      cuts.add(up_to(occurrences.purchases(customer), kSince));
    found = SetMiner().mine(cuts, limits).rules.size();
  }
  state.counters["rules"] = static_cast<double>(found);
}
BENCHMARK(mine_sets)->Arg(500)->Arg(2'500)->Unit(benchmark::kMillisecond);

// The whole, what lies before the hold-out, and the trial.
void count_and_test_a_rule(benchmark::State& state) {
  Shop shop(static_cast<std::uint64_t>(state.range(0)));
  const Histories histories = shop.histories();
  const Occurrences occurrences(histories, kAll);
  SetCounts counts(occurrences);
  const Clock whole{kWeek, 12, 0, kUntil}, before{kWeek, 12, 0, kSince};
  const Trial trial(occurrences, whole, kSince);
  const std::vector<Item> antecedent = {shop.item(4), shop.item(7)}, consequent = {shop.item(5), shop.item(9)};
  for (auto _ : state) {
    benchmark::DoNotOptimize(counts.figures(antecedent, consequent, whole));
    benchmark::DoNotOptimize(counts.figures(antecedent, consequent, before));
    benchmark::DoNotOptimize(trial.tables(antecedent, consequent));
  }
}
BENCHMARK(count_and_test_a_rule)->Arg(500)->Arg(2'500)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace nudge::sequence_rules
