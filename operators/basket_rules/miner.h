// Finds every itemset that is in at least so many baskets, exactly.
//
// Depth first over the items from rare to frequent, as LCM does (Uno, Kiyomi & Arimura, FIMI 2004): the baskets of a
// set are delivered to the sets with one more frequent item in one pass over them, so a set costs what its baskets
// hold. Baskets are kept once, items by rank, and a set's part of a basket is the items that stand before its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "operators/basket_rules/itemsets.h"

namespace nudge::basket_rules {

struct MinerLimits {
  std::uint64_t least_count = 1;         // baskets that hold a set, at least 1
  std::size_t items_most = SIZE_MAX;     // of a set
  std::size_t itemsets_most = SIZE_MAX;  // more are not looked for
};

class Miner {
 public:
  // `apart[item]`: items that may not be in one set with it, where not empty; both ways.
  using Apart = std::vector<std::vector<Item>>;

  // False where there are more than limits.itemsets_most; what was found until then is in `found`.
  bool mine(const Baskets& baskets, const MinerLimits& limits, const Apart& apart, Itemsets& found);
  bool mine(const Baskets& baskets, const MinerLimits& limits, Itemsets& found) {
    return mine(baskets, limits, {}, found);
  }

 private:
  // A basket's items that stand before those of the set under way: a range of items_.
  struct Part {
    std::uint32_t begin, end;
  };
  // What one depth of the search needs, kept for the next set of that depth.
  struct Depth {
    std::vector<std::uint32_t> counts;                         // by rank; zero between sets
    std::vector<std::uint32_t> ranks;                          // frequent with the set, rising
    std::vector<std::pair<std::size_t, std::size_t>> buckets;  // of each of them: where its parts lie
    std::vector<Part> parts;
  };

  void rank(const Baskets& baskets);
  bool grow(std::uint32_t set, std::uint32_t rank, std::span<const Part> parts, std::size_t length);
  void block(std::uint32_t rank, int change);

  MinerLimits limits_;
  const Apart* apart_ = nullptr;
  Itemsets* found_ = nullptr;
  std::vector<Item> by_rank_;           // frequent items, the most frequent first
  std::vector<std::uint32_t> ranks_;    // by item
  std::vector<std::uint32_t> items_;    // of all baskets: ranks, rising
  std::vector<std::uint32_t> blocked_;  // by rank: how many items of the set are apart from it
  std::vector<Depth> depths_;
};

}  // namespace nudge::basket_rules
