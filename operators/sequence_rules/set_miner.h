// Finds every rule between sets of items, X before Y, that holds in at least so many sequences, exactly.
//
// The rules of RuleGrowth (Fournier-Viger et al., PAKDD Workshops 2011), and of TRuleGrowth where cuts have a horizon:
// X and Y are disjoint, and a sequence has the rule where all of X, in any order, comes before all of Y. Depth first:
// antecedents grow by items of rising rank, and for each of them consequents do. No rule holds more often than one with
// fewer items; and for one antecedent neither is its confidence greater, so that consequents stop growing by both.
// The most frequent items come first, so that where there are too many candidates the least count soon rises.
// The cuts that a set is at are delivered to the sets with one more item in one pass over what lies at these cuts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "operators/rules/share.h"
#include "operators/sequence_rules/cuts.h"

namespace nudge::sequence_rules {

struct SetMinerLimits {
  std::uint32_t least_count = 1;  // sequences that have a rule, at least 1
  Share min_confidence;           // of the sequences with X before some cut, those that have the rule
  std::size_t antecedent_most = SIZE_MAX, consequent_most = SIZE_MAX;  // items
  bool with_empty_antecedents = false;  // rules that say how many sequences have Y behind any cut
  // Rules, and antecedents that some item follows often enough. Where there are more, the least count rises until there
  // are not.
  std::size_t candidates_most = SIZE_MAX;
};

struct SetRule {
  std::vector<Item> antecedent, consequent;     // rising
  std::uint32_t with_antecedent = 0, both = 0;  // sequences
  auto operator<=>(const SetRule&) const = default;
};

struct SetRules {
  std::vector<SetRule> rules;     // rising
  std::uint32_t least_count = 1;  // that they were found by
  std::size_t left_out = 0;       // candidates that hold in fewer sequences than that: at least so many, if any
};

class SetMiner {
 public:
  // `apart[item]`: items that may not be in one rule with it, where not empty; both ways.
  using Apart = std::vector<std::vector<Item>>;

  SetRules mine(const Cuts& cuts, const SetMinerLimits& limits, const Apart& apart = {});

 private:
  enum class Side { kBefore, kAfter };
  // Some cuts of a block.
  struct Part {
    std::uint32_t block = 0;
    std::uint64_t cuts = 0;
  };
  struct Tally {
    std::uint32_t sequences = 0, parts = 0;
    std::uint32_t last = UINT32_MAX;  // the sequence that was counted last
    std::size_t next = 0;             // where its next part goes; one behind, 0: nowhere
  };
  // The sets with one more item, kept for the next set of that depth.
  struct Extensions {
    struct One {
      std::uint32_t rank = 0, sequences = 0;
      std::size_t begin = 0, end = 0;  // of its parts
    };
    std::vector<One> all;  // by rising rank
    std::vector<Part> parts;
    std::span<const Part> parts_of(const One& one) const {
      return std::span(parts).subspan(one.begin, one.end - one.begin);
    }
  };
  struct Cell {
    std::uint32_t rank = 0;
    std::uint64_t before = 0, after = 0;
  };

  void rank(const Cuts& cuts);
  void block(std::uint32_t rank, int change);
  // By items whose rank is at least `first`, with their parts where these are to grow.
  void extend(std::span<const Part> parts, Side side, std::uint32_t first, bool with_parts, Extensions& found);
  void grow_antecedent(std::span<const Part> parts, std::uint32_t sequences);
  void grow_consequent(const Extensions& extensions, std::uint32_t with_antecedent, std::uint32_t least);
  void count_candidate(std::uint32_t sequences);
  void drop_rules_below_least();

  SetMinerLimits limits_;
  const Apart* apart_ = nullptr;
  const Cuts* cuts_ = nullptr;
  SetRules found_;
  std::uint32_t least_ = 1;
  std::size_t candidates_ = 0;
  std::vector<std::size_t> by_count_;                   // candidates, by how many sequences they are in
  std::vector<Item> by_rank_;                           // frequent items, the rarest first
  std::vector<std::uint32_t> ranks_;                    // by item
  std::vector<Cell> cells_;                             // of all blocks, by rising rank
  std::vector<std::size_t> begins_;                     // by block; and the end
  std::vector<std::uint32_t> blocked_;                  // by rank: how many items of the rule forbid it
  std::vector<Tally> tallies_;                          // by rank; as new between passes
  std::vector<std::uint32_t> touched_;                  // ranks
  std::vector<std::uint32_t> antecedent_, consequent_;  // ranks, of the rule under way
  std::deque<Extensions> antecedents_, consequents_;    // by depth
};

}  // namespace nudge::sequence_rules
