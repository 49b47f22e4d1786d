// Baskets seen from the items: of each item in which baskets it is, a bit per basket. Baskets come in strata, one
// behind the other, so that a pair of sets is counted in each of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/basket_rules/baskets.h"
#include "operators/rules/hypergeometric.h"

namespace nudge::basket_rules {

class BasketBits {
 public:
  using Bits = std::vector<std::uint64_t>;

  // Only these items are kept; others are in no basket.
  explicit BasketBits(std::span<const Item> wanted);

  // The next baskets are of a new stratum.
  void begin_stratum();
  void add(std::span<const Item> basket);

  std::int64_t size() const { return size_; }
  std::size_t strata() const { return strata_.size(); }
  // Baskets with all of these items; without any, all.
  std::int64_t count(std::span<const Item> items);
  // Of each stratum from `first` on: visit(stratum, table) of baskets with all of `antecedent`, and with `consequent`.
  template <typename Visit>
  void each_table(std::span<const Item> antecedent, Item consequent, std::size_t first, Visit visit) {
    intersect(antecedent);
    const Bits& second = of(consequent);
    for (std::size_t i = first; i < strata_.size(); ++i) {
      const Stratum& stratum = strata_[i];
      Table table{.total = stratum.baskets};
      for (std::size_t word = stratum.begin; word < stratum.end; ++word) {
        table.first += __builtin_popcountll(found_[word]);
        table.second += __builtin_popcountll(second[word]);
        table.both += __builtin_popcountll(found_[word] & second[word]);
      }
      visit(i, table);
    }
  }

 private:
  struct Stratum {
    std::size_t begin = 0, end = 0;  // words
    std::int64_t baskets = 0;
  };
  const Bits& of(Item item) const;
  void intersect(std::span<const Item> items);

  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> places_;  // by item: in bits_
  std::vector<Bits> bits_;
  std::vector<Stratum> strata_;
  Bits none_, found_;
  std::int64_t size_ = 0;
};

}  // namespace nudge::basket_rules
