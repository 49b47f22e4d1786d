#include "operators/basket_rules/itemsets.h"

#include <algorithm>

#include "engine/check.h"

namespace nudge::basket_rules {
namespace {

std::uint64_t key_of(std::uint32_t parent, Item item) { return std::uint64_t{parent} << 32 | item; }

}  // namespace

void Itemsets::begin(std::vector<std::uint32_t> ranks) {
  ranks_ = std::move(ranks);
  nodes_.clear();
  children_.clear();
  singles_.clear();
}

std::uint32_t Itemsets::add(std::uint32_t parent, Item item, std::uint64_t count) {
  NUDGE_CHECK(count <= UINT32_MAX, "fewer than 2^32 baskets");
  const auto number = static_cast<std::uint32_t>(nodes_.size());
  const std::uint32_t length = parent == kNone ? 1 : nodes_[parent].length + 1;
  nodes_.push_back({parent, item, static_cast<std::uint32_t>(count), length});
  if (parent == kNone) {
    const std::uint32_t rank = ranks_[item];
    if (rank >= singles_.size()) singles_.resize(rank + 1, kNone);
    singles_[rank] = number;
  } else {
    children_.emplace(key_of(parent, item), number);
  }
  return number;
}

void Itemsets::items(std::uint32_t set, std::vector<Item>& items) const {
  items.resize(nodes_[set].length);
  for (std::size_t i = items.size(); i > 0; set = nodes_[set].parent) items[--i] = nodes_[set].item;
}

std::uint32_t Itemsets::child(std::uint32_t parent, Item item) const {
  if (parent == kNone) return ranks_[item] < singles_.size() ? singles_[ranks_[item]] : kNone;
  const auto found = children_.find(key_of(parent, item));
  return found == children_.end() ? kNone : found->second;
}

std::uint32_t Itemsets::find(std::span<const Item> items) const {
  std::vector<Item> ordered(items.begin(), items.end());
  for (const Item item : ordered)
    if (item >= ranks_.size() || ranks_[item] == kNone) return kNone;
  std::sort(ordered.begin(), ordered.end(), [this](Item a, Item b) { return ranks_[a] > ranks_[b]; });
  std::uint32_t set = kNone;
  for (const Item item : ordered) {
    set = child(set, item);
    if (set == kNone) return kNone;
  }
  return set;
}

std::vector<bool> Itemsets::closed() const {
  std::vector<bool> closed(nodes_.size(), true);
  std::vector<Item> items, rest;
  for (std::uint32_t set = 0; set < nodes_.size(); ++set) {
    this->items(set, items);
    for (std::size_t left_out = 0; items.size() > 1 && left_out < items.size(); ++left_out) {
      rest = items;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
      const std::uint32_t subset = find(rest);
      if (subset != kNone && nodes_[subset].count == nodes_[set].count) closed[subset] = false;
    }
  }
  return closed;
}

}  // namespace nudge::basket_rules
