// How often and when one item followed another, for all pairs of items of one segment: integers, so that customers come
// and go in any order, and what tasks or instances counted is added up.
//
// A consequent that a customer never bought leaves the same spells whatever it is. They are counted once for the
// antecedent; for the pairs that the customer did buy, what is different is counted. So a customer costs the square of
// the items that it bought, not of all that there are.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "operators/sequence_rules/gap_figures.h"
#include "operators/sequence_rules/purchase.h"
#include "operators/sequence_rules/sparse_counts.h"
#include "operators/sequence_rules/spells.h"

namespace nudge::sequence_rules {

class PairCounts {
 public:
  using Pair = std::pair<Item, Item>;  // antecedent, consequent; an item may follow itself

  explicit PairCounts(const Clock& clock) : clock_(clock) {}

  // All purchases of one customer up to the clock's `until`, in their order; `sign` is 1, or −1 to take them back.
  void count(std::span<const Purchase> purchases, int sign);
  void merge(const PairCounts& other);

  // Pairs whose consequent followed at least so often, rising.
  std::vector<Pair> frequent(std::int64_t events_least) const;
  std::int64_t events(const Pair& pair) const {
    const auto found = bought_.find(pair);
    return found == bought_.end() ? 0 : found->second.events;
  }
  GapFigures figures(const Pair& pair) const { return figures(pair, *this); }
  // With the shares of what others have counted.
  GapFigures figures(const Pair& pair, const PairCounts& sales) const;

 private:
  struct Counts {
    SparseCounts ended, censored;  // spells by their last bin; one behind the last: through the whole horizon
    SparseCounts met;              // purchases in spells by week, the one that ends it included
    std::int64_t events = 0;

    void add(const Counts& other, int sign = 1);
    void set_difference(const Counts& a, const Counts& b);
    void clear();
    bool empty() const { return ended.empty() && censored.empty() && met.empty(); }
  };
  // In the place of what `counts` had.
  void count_spells(std::span<const std::uint32_t> antecedent, std::span<const std::uint32_t> consequent, int sign,
                    Counts& counts) const;

  const Clock clock_;
  absl::flat_hash_map<Item, Counts> alone_;             // by antecedent: as if nobody had bought the consequent
  absl::flat_hash_map<Pair, Counts> bought_;            // what is different where both were bought
  std::map<std::int32_t, std::int64_t> sales_;          // by week
  absl::flat_hash_map<Item, SparseCounts> sales_with_;  // by week
  std::vector<Millis> times_;                           // of the customer under way
  std::vector<std::pair<Item, std::uint32_t>> places_;  // item and place of each purchase that has it
};

}  // namespace nudge::sequence_rules
