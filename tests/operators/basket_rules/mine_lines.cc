// Mines baskets that come on standard input, one a line of item numbers, as the FIMI sets are: for tests of the counts
// of published data, and for benches beside other programs. Arguments: least counts of baskets. Prints for each: the
// least count, frequent itemsets, closed ones, and the milliseconds of mining, from baskets to counts.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "operators/basket_rules/miner.h"

int main(int argc, char** argv) {
  using namespace nudge::basket_rules;
  Baskets baskets;
  std::vector<Item> items;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    items.clear();
    for (Item item = 0; words >> item;) items.push_back(item);
    baskets.add(items);
  }
  for (int i = 1; i < argc; ++i) {
    MinerLimits limits;
    limits.least_count = std::strtoull(argv[i], nullptr, 10);
    Itemsets found;
    Miner miner;
    const auto begin = std::chrono::steady_clock::now();
    miner.mine(baskets, limits, found);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::size_t closed = 0;
    for (const bool each : found.closed()) closed += each;
    std::printf("%s %zu %zu %.1f\n", argv[i], found.size(), closed, took.count());
  }
}
