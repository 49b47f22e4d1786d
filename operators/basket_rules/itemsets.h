// Itemsets with their counts, as a miner finds them: each is one item more than its parent, so that a million of them
// cost some 30 bytes each, and any subset of one is found by its items.
//
// Within a set the items come in the order of `ranks`: rarer ones first. Sets are numbered; children come behind their
// parents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "operators/basket_rules/baskets.h"

namespace nudge::basket_rules {

class Itemsets {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // `ranks[item]`: the place of a frequent item among all of them, kNone for others; rarer ones have higher ranks.
  void begin(std::vector<std::uint32_t> ranks);
  std::uint32_t add(std::uint32_t parent, Item item, std::uint64_t count);

  std::size_t size() const { return nodes_.size(); }
  std::uint64_t count(std::uint32_t set) const { return nodes_[set].count; }
  std::uint32_t parent(std::uint32_t set) const { return nodes_[set].parent; }
  Item last_item(std::uint32_t set) const { return nodes_[set].item; }
  std::uint32_t length(std::uint32_t set) const { return nodes_[set].length; }
  // The items, rarer ones first.
  void items(std::uint32_t set, std::vector<Item>& items) const;
  // By its items in any order; kNone where it is not frequent.
  std::uint32_t find(std::span<const Item> items) const;

  // Of each set whether no other with one item more has the same count: exact where sets were not limited in length.
  std::vector<bool> closed() const;

 private:
  struct Node {
    std::uint32_t parent;
    Item item;
    std::uint32_t count;
    std::uint32_t length;
  };
  std::uint32_t child(std::uint32_t parent, Item item) const;

  std::vector<std::uint32_t> ranks_;
  std::vector<Node> nodes_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> children_;  // parent and item, of sets of two and more
  std::vector<std::uint32_t> singles_;                          // by rank
};

}  // namespace nudge::basket_rules
