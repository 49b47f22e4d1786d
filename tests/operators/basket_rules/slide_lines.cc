// What a slide costs beside mining the window afresh: baskets come on standard input, one a line of item numbers, and
// are cut into panes; the window is all but the last of them and slides pane by pane over those.
//
//   slide_lines PANES SLIDES SUPPORT
//
// Prints itemsets, the milliseconds of mining afresh (from baskets to counts), of a slide (from what enters and leaves
// to counts; the mean, and how many were counted afresh), the share, and the microseconds for a basket that enters or
// leaves. Exit 1 where a slide tells something else than mining.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "operators/basket_rules/miner.h"
#include "operators/basket_rules/sliding_itemsets.h"

namespace {

using namespace nudge::basket_rules;

template <typename Work>
double milliseconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

bool are_equal(const Itemsets& one, const Itemsets& other) {
  if (one.size() != other.size()) return false;
  std::vector<Item> items;
  for (std::uint32_t set = 0; set < one.size(); ++set) {
    one.items(set, items);
    const std::uint32_t same = other.find(items);
    if (same == Itemsets::kNone || other.count(same) != one.count(set)) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::size_t panes = std::strtoull(argv[1], nullptr, 10), slides = std::strtoull(argv[2], nullptr, 10);
  const double support = std::strtod(argv[3], nullptr);
  std::vector<std::vector<Item>> baskets;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::vector<Item>& items = baskets.emplace_back();
    for (Item item = 0; words >> item;) items.push_back(item);
  }
  const std::size_t pane = baskets.size() / (panes + slides), window = pane * panes;
  const auto least = static_cast<std::uint64_t>(std::ceil(support * static_cast<double>(window)));
  SlidingItemsets sliding(SIZE_MAX, 10'000'000);
  for (std::size_t i = 0; i < window; ++i) sliding.add(static_cast<std::uint32_t>(i), baskets[i]);
  sliding.update(least, {});
  double slide_ms = 0, afresh_ms = 0;
  Itemsets told, found;
  for (std::size_t slide = 0; slide < slides; ++slide) {
    const std::size_t from = slide * pane;
    slide_ms += milliseconds([&] {
      for (std::size_t i = from; i < from + pane; ++i) {
        sliding.add(static_cast<std::uint32_t>(i + window), baskets[i + window]);
        sliding.remove(static_cast<std::uint32_t>(i));
      }
      sliding.update(least, {});
    });
    sliding.tell(told);
    Baskets now;
    for (std::size_t i = from + pane; i < from + pane + window; ++i) now.add(baskets[i]);
    MinerLimits limits;
    limits.least_count = least;
    afresh_ms += milliseconds([&] { Miner().mine(now, limits, found); });
    if (!are_equal(told, found) || !are_equal(found, told)) {
      std::printf("slide %zu tells something else than mining\n", slide);
      return 1;
    }
  }
  const auto of = static_cast<double>(slides);
  std::printf("%zu itemsets, afresh %.2f ms, slide %.3f ms (%zu afresh), share 1/%.1f, %.2f us a basket\n", told.size(),
              afresh_ms / of, slide_ms / of, sliding.rebuilds() - 1, afresh_ms / slide_ms,
              1000 * slide_ms / of / (2 * static_cast<double>(pane)));
  return 0;
}
