#include "operators/basket_rules/miner.h"

#include <algorithm>

#include "engine/check.h"

namespace nudge::basket_rules {

bool Miner::mine(const Baskets& baskets, const MinerLimits& limits, const Apart& apart, Itemsets& found) {
  limits_ = limits;
  apart_ = &apart;
  found_ = &found;
  rank(baskets);
  found.begin(ranks_);
  blocked_.assign(by_rank_.size(), 0);
  // The root: every basket with all of its frequent items.
  std::vector<Part> parts;
  items_.clear();
  for (std::size_t i = 0; i < baskets.size(); ++i) {
    const auto begin = static_cast<std::uint32_t>(items_.size());
    for (const Item item : baskets[i])
      if (ranks_[item] != Itemsets::kNone) items_.push_back(ranks_[item]);
    std::sort(items_.begin() + begin, items_.end());
    if (items_.size() > begin) parts.push_back({begin, static_cast<std::uint32_t>(items_.size())});
  }
  NUDGE_CHECK(items_.size() < UINT32_MAX, "fewer than 2^32 items in all baskets");
  return limits.items_most == 0 || grow(Itemsets::kNone, static_cast<std::uint32_t>(by_rank_.size()), parts, 0);
}

void Miner::rank(const Baskets& baskets) {
  std::vector<std::uint32_t> counts;
  for (const Item item : baskets.items()) {
    if (item >= counts.size()) counts.resize(item + 1);
    ++counts[item];
  }
  by_rank_.clear();
  for (Item item = 0; item < counts.size(); ++item)
    if (counts[item] >= std::max<std::uint64_t>(limits_.least_count, 1)) by_rank_.push_back(item);
  std::stable_sort(by_rank_.begin(), by_rank_.end(), [&](Item a, Item b) { return counts[a] > counts[b]; });
  ranks_.assign(counts.size(), Itemsets::kNone);
  for (std::uint32_t place = 0; place < by_rank_.size(); ++place) ranks_[by_rank_[place]] = place;
}

void Miner::block(std::uint32_t rank, int change) {
  const Item item = by_rank_[rank];
  if (item >= apart_->size()) return;
  for (const Item other : (*apart_)[item])
    if (other < ranks_.size() && ranks_[other] != Itemsets::kNone)
      blocked_[ranks_[other]] += static_cast<std::uint32_t>(change);
}

bool Miner::grow(std::uint32_t set, std::uint32_t rank, std::span<const Part> parts, std::size_t length) {
  if (depths_.size() <= length) depths_.resize(length + 1);
  // The vectors of this depth; deeper ones may move `depths_`.
  Depth depth = std::move(depths_[length]);
  depth.counts.resize(std::max<std::size_t>(depth.counts.size(), by_rank_.size()));
  for (const Part& part : parts)
    for (std::uint32_t i = part.begin; i < part.end; ++i) ++depth.counts[items_[i]];

  depth.ranks.clear();
  depth.buckets.clear();
  std::size_t delivered = 0;
  const bool goes_deeper = length + 1 < limits_.items_most;
  for (std::uint32_t each = 0; each < rank; ++each) {
    const std::uint32_t count = depth.counts[each];
    depth.counts[each] = 0;
    if (count < limits_.least_count || count == 0 || blocked_[each] > 0) continue;
    depth.ranks.push_back(each);
    depth.buckets.push_back({delivered, delivered + count});
    if (goes_deeper) delivered += count;
  }
  bool complete = true;
  if (goes_deeper && !depth.ranks.empty()) {
    // Where the next part of a rank goes; 0 for ranks that are not frequent here.
    for (std::size_t i = 0; i < depth.ranks.size(); ++i)
      depth.counts[depth.ranks[i]] = static_cast<std::uint32_t>(depth.buckets[i].first) + 1;
    depth.parts.resize(std::max(depth.parts.size(), delivered));
    for (const Part& part : parts)
      for (std::uint32_t i = part.begin; i < part.end; ++i)
        if (std::uint32_t& next = depth.counts[items_[i]]; next > 0) depth.parts[next++ - 1] = {part.begin, i};
    for (const std::uint32_t each : depth.ranks) depth.counts[each] = 0;
  }
  for (std::size_t i = 0; complete && i < depth.ranks.size(); ++i) {
    if (found_->size() == limits_.itemsets_most) {
      complete = false;
      break;
    }
    const auto [begin, end] = depth.buckets[i];
    const std::uint32_t child = found_->add(set, by_rank_[depth.ranks[i]], end - begin);
    if (!goes_deeper || depth.ranks[i] == 0) continue;
    block(depth.ranks[i], 1);
    complete = grow(child, depth.ranks[i], std::span(depth.parts).subspan(begin, end - begin), length + 1);
    block(depth.ranks[i], -1);
  }
  depths_[length] = std::move(depth);
  return complete;
}

}  // namespace nudge::basket_rules
