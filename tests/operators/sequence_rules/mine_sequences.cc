// Mines sequences that come on standard input, one a line, an item number a step, for rules between sets: for tests of
// the counts of published data, and for timing.
//
//   mine_sequences LEAST_COUNT … [CONFIDENCE]     a number below 1 is the least confidence; else 0.3
//
// Prints for each least count: it, the rules, and the milliseconds of mining, from sequences in memory to rules.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "operators/sequence_rules/set_miner.h"

int main(int argc, char** argv) {
  using namespace nudge::sequence_rules;
  Cuts cuts(INT64_MAX);
  std::vector<Item> items;
  std::vector<Purchase> purchases;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    items.clear();
    for (Item item = 0; words >> item;) items.push_back(item);
    purchases.clear();
    for (const Item& item : items) purchases.push_back({static_cast<nudge::Millis>(purchases.size()), {&item, 1}});
    cuts.add(purchases);
  }
  SetMinerLimits limits;
  limits.min_confidence = Share::of(0.3);
  for (int i = 1; i < argc; ++i)
    if (const double given = std::strtod(argv[i], nullptr); given < 1) limits.min_confidence = Share::of(given);
  for (int i = 1; i < argc; ++i) {
    limits.least_count = static_cast<std::uint32_t>(std::strtod(argv[i], nullptr));
    if (limits.least_count == 0) continue;
    SetMiner miner;
    const auto begin = std::chrono::steady_clock::now();
    const SetRules found = miner.mine(cuts, limits);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::printf("%s %zu %.1f\n", argv[i], found.rules.size(), took.count());
  }
}
