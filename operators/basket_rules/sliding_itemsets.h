// The frequent itemsets of baskets that come and go, kept exact at the cost of those that do.
//
// What is counted is a tree of all sets in at least `followed` baskets (a tenth less than what is frequent, and until a
// quarter less again), and around it every set with one item more that may come to be followed (the negative border:
// Thomas, Bodagala, Alsabti & Ranka, KDD 1997): under a set of one item every other item, under a larger one those with
// which its siblings make sets that are followed. Baskets that enter or leave are delivered down the tree together, as
// the miner does with all of them; only a set that comes to be followed is counted in all baskets, by those of its
// rarest item.
//
// After too much has changed (the least count, most of the baskets) it is counted afresh. What it tells never depends
// on what was before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "operators/basket_rules/itemsets.h"

namespace nudge::basket_rules {

class SlidingItemsets {
 public:
  using Id = std::uint32_t;
  using Apart = std::vector<std::vector<Item>>;

  // Sets of at most `items_most` items, of which at most `followed_most` are followed.
  SlidingItemsets(std::size_t items_most, std::size_t followed_most)
      : items_most_(items_most), followed_most_(followed_most) {}

  // A basket enters under an id that no other has, or leaves.
  void add(Id id, std::span<const Item> items);
  void remove(Id id);
  // The items of a basket, in no particular order.
  void items_of(Id id, std::vector<Item>& items) const;

  std::size_t size_of(Id id) const {
    const Basket& basket = baskets_[places_.at(id)];
    return basket.end - basket.begin;
  }

  std::size_t size() const { return places_.size(); }
  std::int64_t count(Item item) const;
  // How many baskets have so many items.
  const std::vector<std::uint32_t>& sizes() const { return sizes_; }

  // Counts what has come and gone. False where there are too many sets to follow: then nothing is followed.
  // `apart`: items that may be in no set together; pairs once given stay.
  bool update(std::uint64_t least_count, const Apart& apart);
  // Every set in at least so many baskets as update() was told, after it was true.
  void tell(Itemsets& found) const;
  // For benches.
  std::size_t followed() const { return followed_count_; }
  std::size_t rebuilds() const { return rebuilds_; }

 private:
  using Rank = std::uint32_t;  // of an item: its place among all; those that were frequent at the last count come first
  using Number = std::uint32_t;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Part {
    std::uint32_t begin = 0, end = 0;  // of ranks_of_baskets_
    bool leaves = false;
  };
  // How many of some baskets enter, and leave.
  struct Change {
    std::uint32_t in = 0, out = 0;
    std::uint32_t both() const { return in + out; }
  };
  struct Basket {
    std::uint32_t begin = 0, end = 0;
    bool alive = false;
  };
  // A set with one item more than another: followed, or on the border.
  struct Extension {
    Rank rank = 0;
    std::uint32_t count = 0;  // where it is not followed
    Number child = kNone;
  };
  struct Set {
    Rank rank = 0;  // of its last item, which is its most frequent one
    Number parent = kNone;
    std::uint32_t count = 0;
    std::uint32_t length = 0;
    bool is_followed = false;
    std::vector<Extension> extensions;  // by rank, lower than its own; of a single item only those that are followed
    std::vector<std::uint32_t> pairs;   // of a single item: counts with each item of a lower rank
  };
  // What one depth of the search needs, kept for the next set of that depth.
  struct Depth {
    std::vector<Change> counts;  // by rank; zero between sets
    std::vector<Rank> touched;
    std::vector<Part> parts;
    std::vector<Rank> ranks;  // into which it goes on
    std::vector<Number> children;
    std::vector<std::uint32_t> begins;  // of their parts
  };

  Rank rank_of(Item item);
  bool are_apart(Rank one, Rank other) const;
  bool set_apart(const Apart& apart);
  bool rebuild(std::uint64_t least_count);
  bool build(Number set, std::span<const Part> parts, std::size_t depth);
  void count_in(Number set, std::span<const Part> parts, std::size_t depth);
  void count_in_single(Number set, Depth& depth);
  void count_in_longer(Number set, Depth& depth);
  void go_into(Rank rank, Number child, Depth& depth);
  void count_parts(std::span<const Part> parts, Depth& depth) const;
  // depth.ranks have their parts one behind the other afterwards, and all counts are zero.
  void deliver(std::span<const Part> parts, Depth& depth) const;
  void may_follow(Number parent, Rank rank);
  void follow_new();
  void follow(Number parent, Rank rank, std::uint32_t count);
  void count_with(Number parent, Rank rank, Depth& depth);
  void forget_rare();
  void forget(Number set);
  Number make(Number parent, Rank rank, std::uint32_t count);
  static Extension* find(std::vector<Extension>& extensions, Rank rank);
  // Not at once where it began: sets that are common now and then would be counted in all baskets again and again.
  std::uint32_t gone_below() const { return followed_from_ - followed_from_ / 4; }
  bool is_over_limits() const;

  const std::size_t items_most_, followed_most_;
  // Baskets.
  absl::flat_hash_map<Id, std::uint32_t> places_;  // of those that are there, in baskets_
  std::vector<Basket> baskets_;
  std::vector<Rank> ranks_of_baskets_;                  // of each basket, rising
  std::vector<std::vector<std::uint32_t>> baskets_of_;  // by rank: places, also of some that are gone
  std::vector<std::uint32_t> entering_, leaving_;
  std::vector<std::uint32_t> sizes_;
  // Items.
  std::vector<Rank> ranks_;  // by item
  std::vector<Item> items_;  // by rank
  absl::flat_hash_set<std::uint64_t> apart_;
  std::size_t apart_known_ = 0;
  // Sets.
  std::vector<Set> sets_;
  std::vector<Number> free_sets_;
  std::vector<Number> singles_;             // by rank
  std::vector<std::uint32_t> item_counts_;  // by rank
  std::uint32_t followed_from_ = 0, least_ = 0;
  std::size_t followed_count_ = 0, pairs_held_ = 0, rebuilds_ = 0;
  bool is_counted_ = false;
  std::vector<std::pair<Number, Rank>> may_follow_;
  std::vector<Number> may_go_;
  std::vector<Depth> depths_;
  Depth scan_;
};

}  // namespace nudge::basket_rules
