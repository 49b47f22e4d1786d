// How often a set would be together if baskets only differed in size and items only in how common they are: the
// expected support under swap randomisation (Gionis, Mannila, Mielikäinen & Tsaparas, TKDD 2007), which keeps every
// basket's size and every item's count and shuffles the rest. Large baskets alone make everything go together more
// often than by independence, so it is support over this one that says whether a rule is more than that.
//
// Not by shuffling, but by the distribution of greatest entropy with the same margins in expectation (De Bie, 2011):
// item i is in a basket of size s with probability p = x_i y_s / (1 + x_i y_s), each independently. That sizes are not
// met on the average only, but by each basket, makes items of small baskets keep each other out: k of them are together
// less often by the factor of Hájek (1964) for two, (1 − (1 − p_i)(1 − p_j) / d) with d = Σ p (1 − p) of the size,
// continued for more as in draws without replacement. Nothing is drawn.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/basket_rules/baskets.h"

namespace nudge::basket_rules {

class SizeNull {
 public:
  // How many baskets have so many items, by that; and how many an item is in, by item.
  SizeNull(std::span<const std::uint32_t> sizes, std::span<const std::uint32_t> counts);

  // How many baskets are expected to have all of these different items.
  double expected(std::span<const Item> items) const;

 private:
  struct Group {
    double value = 0;   // a basket's size, or an item's count
    double number = 0;  // how many baskets, or items, have it
    double weight = 0;  // y, or x
    double spread = 0;  // of a size: d
  };
  void fit();

  std::vector<Group> sizes_, counts_;
  std::vector<std::uint32_t> group_of_;  // by item: of counts_
};

}  // namespace nudge::basket_rules
