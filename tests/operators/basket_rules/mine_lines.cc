// Mines baskets that come on standard input, one a line of item numbers, as the FIMI sets are: for tests of the counts
// of published data, and for benches beside other programs.
//
//   mine_lines LEAST_COUNT … [CONFIDENCE]     a number below 1 is the least confidence of rules with one consequent
//
// Prints for each least count: it, the frequent itemsets, the closed ones, the rules, and the milliseconds of mining,
// from baskets to counts.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "operators/basket_rules/miner.h"

namespace {

using namespace nudge::basket_rules;

std::size_t rules_of(const Itemsets& found, double confidence) {
  std::size_t rules = 0;
  std::vector<Item> items, rest;
  for (std::uint32_t set = 0; set < found.size(); ++set) {
    found.items(set, items);
    for (std::size_t i = 0; items.size() > 1 && i < items.size(); ++i) {
      rest = items;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      const auto of = static_cast<double>(found.count(found.find(rest)));
      rules += static_cast<double>(found.count(set)) >= confidence * of;
    }
  }
  return rules;
}

}  // namespace

int main(int argc, char** argv) {
  Baskets baskets;
  std::vector<Item> items;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    items.clear();
    for (Item item = 0; words >> item;) items.push_back(item);
    baskets.add(items);
  }
  double confidence = 0.5;
  for (int i = 1; i < argc; ++i)
    if (const double given = std::strtod(argv[i], nullptr); given < 1) confidence = given;
  for (int i = 1; i < argc; ++i) {
    MinerLimits limits;
    limits.least_count = static_cast<std::uint64_t>(std::strtod(argv[i], nullptr));
    if (limits.least_count == 0) continue;
    Itemsets found;
    Miner miner;
    const auto begin = std::chrono::steady_clock::now();
    miner.mine(baskets, limits, found);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::size_t closed = 0;
    for (const bool each : found.closed()) closed += each;
    std::printf("%s %zu %zu %zu %.1f\n", argv[i], found.size(), closed, rules_of(found, confidence), took.count());
  }
}
