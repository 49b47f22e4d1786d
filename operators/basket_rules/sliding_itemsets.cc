#include "operators/basket_rules/sliding_itemsets.h"

#include <algorithm>
#include <numeric>

#include "engine/check.h"

namespace nudge::basket_rules {
namespace {

// Pairs are counted in tables, which a great many items that are followed would make too large.
constexpr std::size_t kPairsPerSet = 64;

}  // namespace

// ---- baskets ----------------------------------------------------------------------------------------------

SlidingItemsets::Rank SlidingItemsets::rank_of(Item item) {
  if (item >= ranks_.size()) ranks_.resize(item + 1, kNone);
  if (ranks_[item] == kNone) {
    ranks_[item] = static_cast<Rank>(items_.size());
    items_.push_back(item);
    baskets_of_.emplace_back();
    singles_.push_back(kNone);
    item_counts_.push_back(0);
  }
  return ranks_[item];
}

void SlidingItemsets::add(Id id, std::span<const Item> items) {
  const auto place = static_cast<std::uint32_t>(baskets_.size());
  NUDGE_CHECK(places_.emplace(id, place).second, "an id is one basket's");
  Basket& basket = baskets_.emplace_back();
  basket.begin = static_cast<std::uint32_t>(ranks_of_baskets_.size());
  for (const Item item : items) ranks_of_baskets_.push_back(rank_of(item));
  NUDGE_CHECK(ranks_of_baskets_.size() < UINT32_MAX, "fewer than 2^32 items in all baskets");
  basket.end = static_cast<std::uint32_t>(ranks_of_baskets_.size());
  basket.alive = true;
  std::sort(ranks_of_baskets_.begin() + basket.begin, ranks_of_baskets_.end());
  if (items.size() >= sizes_.size()) sizes_.resize(items.size() + 1);
  ++sizes_[items.size()];
  entering_.push_back(place);
}

void SlidingItemsets::remove(Id id) {
  const auto found = places_.find(id);
  NUDGE_CHECK(found != places_.end(), "a basket that is there");
  const std::uint32_t place = found->second;
  places_.erase(found);
  Basket& basket = baskets_[place];
  basket.alive = false;
  --sizes_[basket.end - basket.begin];
  leaving_.push_back(place);
}

void SlidingItemsets::items_of(Id id, std::vector<Item>& items) const {
  const Basket& basket = baskets_[places_.at(id)];
  items.clear();
  for (std::uint32_t i = basket.begin; i < basket.end; ++i) items.push_back(items_[ranks_of_baskets_[i]]);
}

std::int64_t SlidingItemsets::count(Item item) const {
  return item < ranks_.size() && ranks_[item] != kNone ? item_counts_[ranks_[item]] : 0;
}

bool SlidingItemsets::are_apart(Rank one, Rank other) const {
  return !apart_.empty() && apart_.contains(std::uint64_t{std::min(items_[one], items_[other])} << 32 |
                                            std::max(items_[one], items_[other]));
}

// ---- updates ----------------------------------------------------------------------------------------------

// Whether any of what is followed may be so no more: only where both items were known before they were apart.
bool SlidingItemsets::set_apart(const Apart& apart) {
  std::size_t pairs = 0;
  for (const auto& others : apart) pairs += others.size();
  if (pairs == apart_known_) return false;
  apart_known_ = pairs;
  bool both_followed = false;
  const auto is_followed = [this](Item item) {
    return item < ranks_.size() && ranks_[item] != kNone && singles_[ranks_[item]] != kNone;
  };
  for (Item item = 0; item < apart.size(); ++item)
    for (const Item other : apart[item])
      if (item < other && apart_.insert(std::uint64_t{item} << 32 | other).second)
        both_followed = both_followed || (is_followed(item) && is_followed(other));
  return both_followed;
}

bool SlidingItemsets::update(std::uint64_t least_count, const Apart& apart) {
  const bool has_parted = set_apart(apart);
  const bool must_recount = !is_counted_ || has_parted || least_count < followed_from_ ||
                            followed_from_ < least_count / 4 * 3 || places_.size() * 2 < baskets_.size() ||
                            entering_.size() + leaving_.size() > places_.size() / 2;
  if (must_recount) return rebuild(least_count);
  least_ = static_cast<std::uint32_t>(least_count);
  std::vector<Part> parts;
  for (const std::uint32_t place : entering_) {
    const Basket& basket = baskets_[place];
    if (basket.begin < basket.end) parts.push_back({basket.begin, basket.end, false});
    for (std::uint32_t i = basket.begin; i < basket.end; ++i) baskets_of_[ranks_of_baskets_[i]].push_back(place);
  }
  for (const std::uint32_t place : leaving_)
    if (const Basket& basket = baskets_[place]; basket.begin < basket.end)
      parts.push_back({basket.begin, basket.end, true});
  if (!parts.empty()) count_in(kNone, parts, 0);
  entering_.clear();
  leaving_.clear();
  forget_rare();
  follow_new();
  is_counted_ = !is_over_limits();
  return is_counted_;
}

bool SlidingItemsets::is_over_limits() const {
  return followed_count_ > followed_most_ || pairs_held_ > followed_most_ * kPairsPerSet;
}

bool SlidingItemsets::rebuild(std::uint64_t least_count) {
  ++rebuilds_;
  least_ = static_cast<std::uint32_t>(least_count);
  followed_from_ = static_cast<std::uint32_t>(std::max<std::uint64_t>(1, least_count - least_count / 10));
  entering_.clear();
  leaving_.clear();
  // Baskets that are there, in their order, and items by how frequent they are.
  std::vector<std::uint32_t> counts(items_.size());
  for (const Basket& basket : baskets_)
    if (basket.alive)
      for (std::uint32_t i = basket.begin; i < basket.end; ++i) ++counts[ranks_of_baskets_[i]];
  std::vector<Rank> order(items_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Rank a, Rank b) { return counts[a] > counts[b]; });
  while (!order.empty() && counts[order.back()] == 0) {  // items that no basket has are forgotten
    ranks_[items_[order.back()]] = kNone;
    order.pop_back();
  }
  std::vector<Rank> new_ranks(items_.size(), kNone);
  std::vector<Item> items;
  item_counts_.clear();
  for (const Rank rank : order) {
    new_ranks[rank] = static_cast<Rank>(items.size());
    ranks_[items_[rank]] = new_ranks[rank];
    items.push_back(items_[rank]);
    item_counts_.push_back(counts[rank]);
  }
  items_ = std::move(items);
  baskets_of_.assign(items_.size(), {});
  singles_.assign(items_.size(), kNone);
  std::vector<std::uint32_t> new_places(baskets_.size(), kNone);
  std::vector<Basket> baskets;
  std::vector<Rank> ranks;
  std::vector<Part> parts;
  for (std::uint32_t place = 0; place < baskets_.size(); ++place) {
    const Basket& basket = baskets_[place];
    if (!basket.alive) continue;
    new_places[place] = static_cast<std::uint32_t>(baskets.size());
    const auto begin = static_cast<std::uint32_t>(ranks.size());
    for (std::uint32_t i = basket.begin; i < basket.end; ++i) ranks.push_back(new_ranks[ranks_of_baskets_[i]]);
    std::sort(ranks.begin() + begin, ranks.end());
    const auto end = static_cast<std::uint32_t>(ranks.size());
    for (std::uint32_t i = begin; i < end; ++i) baskets_of_[ranks[i]].push_back(new_places[place]);
    baskets.push_back({begin, end, true});
    if (end > begin) parts.push_back({begin, end, false});
  }
  baskets_ = std::move(baskets);
  ranks_of_baskets_ = std::move(ranks);
  for (auto& [id, place] : places_) place = new_places[place];
  sets_.clear();
  free_sets_.clear();
  may_follow_.clear();
  may_go_.clear();
  followed_count_ = pairs_held_ = 0;
  is_counted_ = build(kNone, parts, 0);
  return is_counted_;
}

SlidingItemsets::Number SlidingItemsets::make(Number parent, Rank rank, std::uint32_t count) {
  Number number;
  if (free_sets_.empty()) {
    number = static_cast<Number>(sets_.size());
    sets_.emplace_back();
  } else {
    number = free_sets_.back();
    free_sets_.pop_back();
  }
  Set& set = sets_[number];
  set = {};
  set.rank = rank;
  set.parent = parent;
  set.count = count;
  set.length = parent == kNone ? 1 : sets_[parent].length + 1;
  set.is_followed = true;
  ++followed_count_;
  if (parent == kNone) singles_[rank] = number;
  return number;
}

// ---- counting ---------------------------------------------------------------------------------------------

void SlidingItemsets::count_parts(std::span<const Part> parts, Depth& depth) const {
  if (depth.counts.size() < items_.size()) depth.counts.resize(items_.size());
  depth.touched.clear();
  depth.ranks.clear();
  depth.children.clear();
  for (const Part& part : parts)
    for (std::uint32_t i = part.begin; i < part.end; ++i) {
      Change& change = depth.counts[ranks_of_baskets_[i]];
      if (change.both() == 0) depth.touched.push_back(ranks_of_baskets_[i]);
      ++(part.leaves ? change.out : change.in);
    }
}

void SlidingItemsets::deliver(std::span<const Part> parts, Depth& depth) const {
  depth.begins.clear();
  std::uint32_t delivered = 0;
  for (const Rank rank : depth.ranks) {
    depth.begins.push_back(delivered);
    delivered += depth.counts[rank].both();
  }
  depth.begins.push_back(delivered);
  for (const Rank rank : depth.touched) depth.counts[rank] = {};
  if (delivered == 0) return;
  if (depth.parts.size() < delivered) depth.parts.resize(delivered);
  // Where the next part of a rank goes, and one more.
  for (std::size_t i = 0; i < depth.ranks.size(); ++i) depth.counts[depth.ranks[i]].in = depth.begins[i] + 1;
  for (const Part& part : parts)
    for (std::uint32_t i = part.begin; i < part.end; ++i)
      if (std::uint32_t& next = depth.counts[ranks_of_baskets_[i]].in; next > 0)
        depth.parts[next++ - 1] = {part.begin, i, part.leaves};
  for (const Rank rank : depth.ranks) depth.counts[rank] = {};
}

bool SlidingItemsets::build(Number number, std::span<const Part> parts, std::size_t at) {
  if (depths_.size() <= at) depths_.resize(at + 1);
  Depth depth = std::move(depths_[at]);
  count_parts(parts, depth);
  const auto follow_in = [&](Rank rank, std::uint32_t count) {
    depth.ranks.push_back(rank);
    depth.children.push_back(make(number, rank, count));
    return depth.children.back();
  };
  if (number == kNone) {
    for (Rank rank = 0; rank < items_.size(); ++rank)
      if (item_counts_[rank] >= followed_from_) follow_in(rank, item_counts_[rank]);
  } else if (sets_[number].length == 1) {
    sets_[number].pairs.resize(sets_[number].rank);
    pairs_held_ += sets_[number].rank;
    std::sort(depth.touched.begin(), depth.touched.end());
    for (const Rank rank : depth.touched) {
      const std::uint32_t count = depth.counts[rank].in;
      sets_[number].pairs[rank] = count;
      if (count < followed_from_ || are_apart(rank, sets_[number].rank)) continue;
      const Number child = follow_in(rank, count);
      sets_[number].extensions.push_back({rank, 0, child});
    }
  } else {
    const Set& parent = sets_[sets_[number].parent];
    std::vector<Extension> extensions;
    for (const Extension& each : parent.extensions) {
      if (each.rank >= sets_[number].rank) break;
      if (each.child != kNone && !are_apart(each.rank, sets_[number].rank))
        extensions.push_back({each.rank, depth.counts[each.rank].in, kNone});
    }
    for (Extension& each : extensions)
      if (each.count >= followed_from_) each.child = follow_in(each.rank, each.count);
    sets_[number].extensions = std::move(extensions);
  }
  deliver(parts, depth);
  bool fits = !is_over_limits();
  for (std::size_t i = 0; fits && i < depth.ranks.size(); ++i)
    if (sets_[depth.children[i]].length < items_most_)
      fits = build(depth.children[i],
                   std::span(depth.parts).subspan(depth.begins[i], depth.begins[i + 1] - depth.begins[i]), at + 1);
  depths_[at] = std::move(depth);
  return fits;
}

void SlidingItemsets::may_follow(Number parent, Rank rank) { may_follow_.emplace_back(parent, rank); }

void SlidingItemsets::go_into(Rank rank, Number child, Depth& depth) {
  const Change change = depth.counts[rank];
  Set& set = sets_[child];
  set.count += change.in - change.out;
  if (set.count < gone_below()) may_go_.push_back(child);
  // Under a single item there are pairs to count, under a longer set only what extends it.
  if (set.length == items_most_ || (set.length > 1 && set.extensions.empty())) return;
  depth.ranks.push_back(rank);
  depth.children.push_back(child);
}

void SlidingItemsets::count_in_single(Number number, Depth& depth) {
  Set& set = sets_[number];
  for (const Rank rank : depth.touched) {
    const Change change = depth.counts[rank];
    const std::uint32_t before = set.pairs[rank], after = before + change.in - change.out;
    set.pairs[rank] = after;
    if (after < gone_below()) {
      // Where it was followed it is no more; the same set may have been seen already.
      if (before < gone_below() || set.extensions.empty()) continue;
    } else if (after >= followed_from_ && before < followed_from_) {
      may_follow(number, rank);
    }
    if (const Extension* const known = find(set.extensions, rank)) go_into(rank, known->child, depth);
  }
}

void SlidingItemsets::count_in_longer(Number number, Depth& depth) {
  Set& set = sets_[number];
  const auto count = [&](Extension& each) {
    const Change change = depth.counts[each.rank];
    if (each.child != kNone) return go_into(each.rank, each.child, depth);
    each.count += change.in - change.out;
    if (each.count >= followed_from_) may_follow(number, each.rank);
  };
  if (depth.touched.size() * 8 < set.extensions.size()) {
    for (const Rank rank : depth.touched)
      if (Extension* const known = find(set.extensions, rank)) count(*known);
  } else {
    for (Extension& each : set.extensions)
      if (depth.counts[each.rank].both() > 0) count(each);
  }
}

void SlidingItemsets::count_in(Number number, std::span<const Part> parts, std::size_t at) {
  if (depths_.size() <= at) depths_.resize(at + 1);
  Depth depth = std::move(depths_[at]);
  count_parts(parts, depth);
  if (number != kNone) {
    sets_[number].length == 1 ? count_in_single(number, depth) : count_in_longer(number, depth);
  } else {
    for (const Rank rank : depth.touched) {
      const Change change = depth.counts[rank];
      item_counts_[rank] += change.in - change.out;
      if (singles_[rank] != kNone)
        go_into(rank, singles_[rank], depth);
      else if (item_counts_[rank] >= followed_from_)
        may_follow(kNone, rank);
    }
  }
  deliver(parts, depth);
  for (std::size_t i = 0; i < depth.ranks.size(); ++i)
    count_in(depth.children[i], std::span(depth.parts).subspan(depth.begins[i], depth.begins[i + 1] - depth.begins[i]),
             at + 1);
  depths_[at] = std::move(depth);
}

// ---- what is followed -------------------------------------------------------------------------------------

SlidingItemsets::Extension* SlidingItemsets::find(std::vector<Extension>& extensions, Rank rank) {
  const auto found = std::lower_bound(extensions.begin(), extensions.end(), rank,
                                      [](const Extension& each, Rank wanted) { return each.rank < wanted; });
  return found == extensions.end() || found->rank != rank ? nullptr : &*found;
}

void SlidingItemsets::forget_rare() {
  for (const Number number : may_go_) {
    Set& set = sets_[number];
    if (!set.is_followed || set.count >= gone_below()) continue;
    if (set.parent == kNone) {
      singles_[set.rank] = kNone;
    } else if (Set& parent = sets_[set.parent]; parent.length == 1) {
      std::erase_if(parent.extensions, [&](const Extension& each) { return each.rank == set.rank; });
    } else {
      Extension* const own = find(parent.extensions, set.rank);
      own->count = set.count;
      own->child = kNone;
    }
    forget(number);
  }
  may_go_.clear();
}

// With all that it is part of.
void SlidingItemsets::forget(Number number) {
  for (const Extension& each : sets_[number].extensions)
    if (each.child != kNone) forget(each.child);
  pairs_held_ -= sets_[number].pairs.size();
  sets_[number] = {};
  free_sets_.push_back(number);
  --followed_count_;
}

void SlidingItemsets::follow_new() {
  // Following one may make others of it to follow.
  for (std::size_t next = 0; next < may_follow_.size() && !is_over_limits(); ++next) {
    const auto [parent, rank] = may_follow_[next];
    if (parent == kNone) {
      if (singles_[rank] == kNone && item_counts_[rank] >= followed_from_) follow(kNone, rank, item_counts_[rank]);
      continue;
    }
    Set& set = sets_[parent];
    if (!set.is_followed || rank >= set.rank) continue;  // it has gone
    const Extension* const known = find(set.extensions, rank);
    if (known && known->child != kNone) continue;
    if (set.length > 1 && !known) continue;
    const std::uint32_t count = set.length == 1 ? set.pairs[rank] : known->count;
    if (count >= followed_from_ && !are_apart(rank, set.rank)) follow(parent, rank, count);
  }
  may_follow_.clear();
}

// How often each item is with the set and the rank in one basket: by the baskets of the rarest of them.
void SlidingItemsets::count_with(Number parent, Rank rank, Depth& depth) {
  std::vector<Rank> wanted{rank};  // rising
  for (Number set = parent; set != kNone; set = sets_[set].parent) wanted.push_back(sets_[set].rank);
  std::vector<std::uint32_t>& places = baskets_of_[wanted.back()];
  std::erase_if(places, [this](std::uint32_t place) { return !baskets_[place].alive; });
  std::vector<Part> parts;
  for (const std::uint32_t place : places) {
    const Basket& basket = baskets_[place];
    const auto begin = ranks_of_baskets_.begin() + basket.begin, end = ranks_of_baskets_.begin() + basket.end;
    if (std::includes(begin, end, wanted.begin(), wanted.end())) parts.push_back({basket.begin, basket.end, false});
  }
  count_parts(parts, depth);
}

void SlidingItemsets::follow(Number parent, Rank rank, std::uint32_t count) {
  const Number number = make(parent, rank, count);
  if (parent != kNone) {
    std::vector<Extension>& extensions = sets_[parent].extensions;
    if (Extension* const known = find(extensions, rank)) {
      known->child = number;
    } else {
      const auto place = std::lower_bound(extensions.begin(), extensions.end(), rank,
                                          [](const Extension& each, Rank wanted) { return each.rank < wanted; });
      extensions.insert(place, {rank, 0, number});
    }
  }
  const std::uint32_t length = sets_[number].length;
  if (length == items_most_) return;
  count_with(parent, rank, scan_);
  if (length == 1) {
    sets_[number].pairs.resize(rank);
    pairs_held_ += rank;
    for (const Rank each : scan_.touched) {
      if (each >= rank) continue;
      sets_[number].pairs[each] = scan_.counts[each].in;
      if (scan_.counts[each].in >= followed_from_) may_follow(number, each);
    }
  } else {
    for (const Extension& sibling : sets_[parent].extensions) {
      if (sibling.child == kNone || sibling.rank == rank || are_apart(sibling.rank, rank)) continue;
      // The one of the two with the higher rank is extended by the other.
      const Number longer = sibling.rank < rank ? number : sibling.child;
      const Rank by = std::min(sibling.rank, rank);
      if (longer != number && find(sets_[longer].extensions, by)) continue;  // it was counted all the time
      std::vector<Extension>& extensions = sets_[longer].extensions;
      const std::uint32_t both = scan_.counts[sibling.rank].in;
      const auto place = std::lower_bound(extensions.begin(), extensions.end(), by,
                                          [](const Extension& each, Rank wanted) { return each.rank < wanted; });
      extensions.insert(place, {by, both, kNone});
      if (both >= followed_from_) may_follow(longer, by);
    }
  }
  for (const Rank each : scan_.touched) scan_.counts[each] = {};
}

void SlidingItemsets::tell(Itemsets& found) const {
  std::vector<std::uint32_t> ranks(ranks_.size(), Itemsets::kNone);
  for (Rank rank = 0; rank < items_.size(); ++rank) ranks[items_[rank]] = rank;
  found.begin(std::move(ranks));
  std::vector<std::pair<Number, std::uint32_t>> left;  // and the number of the parent in `found`
  for (Rank rank = static_cast<Rank>(items_.size()); rank > 0; --rank)
    if (singles_[rank - 1] != kNone) left.emplace_back(singles_[rank - 1], Itemsets::kNone);
  while (!left.empty()) {
    const auto [number, parent] = left.back();
    left.pop_back();
    const Set& set = sets_[number];
    if (set.count < least_) continue;
    const std::uint32_t own = found.add(parent, items_[set.rank], set.count);
    for (auto each = set.extensions.rbegin(); each != set.extensions.rend(); ++each)
      if (each->child != kNone) left.emplace_back(each->child, own);
  }
}

}  // namespace nudge::basket_rules
