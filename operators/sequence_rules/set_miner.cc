#include "operators/sequence_rules/set_miner.h"

#include <algorithm>
#include <ranges>

#include "engine/check.h"

namespace nudge::sequence_rules {
namespace {

constexpr std::uint32_t kNone = UINT32_MAX;

template <typename Levels>
auto& level(Levels& levels, std::size_t depth) {
  if (levels.size() <= depth) levels.resize(depth + 1);
  return levels[depth];
}

}  // namespace

SetRules SetMiner::mine(const Cuts& cuts, const SetMinerLimits& limits, const Apart& apart) {
  NUDGE_CHECK(limits.least_count > 0 && cuts.blocks() < UINT32_MAX, "rules hold somewhere, and blocks have numbers");
  limits_ = limits;
  apart_ = &apart;
  cuts_ = &cuts;
  found_ = {};
  least_ = limits.least_count;
  candidates_ = 0;
  by_count_.assign(cuts.sequences() + 1, 0);
  rank(cuts);
  std::vector<Part> all;
  for (std::uint32_t block = 0; block < cuts.blocks(); ++block) all.push_back({block, ~std::uint64_t{0}});
  if (limits.antecedent_most > 0 && limits.consequent_most > 0)
    grow_antecedent(all, static_cast<std::uint32_t>(cuts.sequences()));
  drop_rules_below_least();
  std::sort(found_.rules.begin(), found_.rules.end());
  found_.least_count = least_;
  if (least_ > limits.least_count) found_.left_out = limits.candidates_most + 1 - candidates_;
  return std::move(found_);
}

void SetMiner::rank(const Cuts& cuts) {
  std::vector<std::uint32_t> counts, last;
  for (std::size_t block = 0; block < cuts.blocks(); ++block)
    for (const Cuts::Cell& cell : cuts.cells(block)) {
      if (cell.item >= counts.size()) {
        counts.resize(cell.item + 1);
        last.resize(cell.item + 1, kNone);
      }
      if (last[cell.item] != cuts.sequence_of(block)) ++counts[cell.item];
      last[cell.item] = cuts.sequence_of(block);
    }
  by_rank_.clear();
  for (Item item = 0; item < counts.size(); ++item)
    if (counts[item] >= least_) by_rank_.push_back(item);
  std::stable_sort(by_rank_.begin(), by_rank_.end(), [&](Item a, Item b) { return counts[a] < counts[b]; });
  ranks_.assign(counts.size(), kNone);
  for (std::uint32_t place = 0; place < by_rank_.size(); ++place) ranks_[by_rank_[place]] = place;
  blocked_.assign(by_rank_.size(), 0);
  tallies_.assign(by_rank_.size(), {});
  cells_.clear();
  begins_.assign(1, 0);
  for (std::size_t block = 0; block < cuts.blocks(); ++block) {
    for (const Cuts::Cell& cell : cuts.cells(block))
      if (ranks_[cell.item] != kNone) cells_.push_back({ranks_[cell.item], cell.before, cell.after});
    std::sort(cells_.begin() + static_cast<std::ptrdiff_t>(begins_.back()), cells_.end(),
              [](const Cell& a, const Cell& b) { return a.rank < b.rank; });
    begins_.push_back(cells_.size());
  }
}

void SetMiner::block(std::uint32_t rank, int change) {
  blocked_[rank] += static_cast<std::uint32_t>(change);
  const Item item = by_rank_[rank];
  if (item >= apart_->size()) return;
  for (const Item other : (*apart_)[item])
    if (other < ranks_.size() && ranks_[other] != kNone) blocked_[ranks_[other]] += static_cast<std::uint32_t>(change);
}

void SetMiner::extend(std::span<const Part> parts, Side side, std::uint32_t first, bool with_parts, Extensions& found) {
  // visit(rank, its cuts) for all items on that side of some of a part's cuts.
  const auto for_each = [&](const Part& part, auto visit) {
    for (std::size_t i = begins_[part.block + 1]; i > begins_[part.block] && cells_[i - 1].rank >= first; --i) {
      const Cell& cell = cells_[i - 1];
      const std::uint64_t cuts = part.cuts & (side == Side::kBefore ? cell.before : cell.after);
      if (cuts != 0) visit(cell.rank, cuts);
    }
  };
  touched_.clear();
  for (const Part& part : parts) {
    const std::uint32_t sequence = cuts_->sequence_of(part.block);
    for_each(part, [&](std::uint32_t rank, std::uint64_t) {
      Tally& tally = tallies_[rank];
      if (tally.parts++ == 0) touched_.push_back(rank);
      tally.sequences += tally.last != sequence;
      tally.last = sequence;
    });
  }
  std::sort(touched_.begin(), touched_.end());
  found.all.clear();
  std::size_t delivered = 0;
  for (const std::uint32_t rank : touched_) {
    Tally& tally = tallies_[rank];
    if (tally.sequences < least_ || blocked_[rank] > 0) continue;
    const std::size_t begin = delivered;
    if (with_parts) delivered += tally.parts;
    found.all.push_back({rank, tally.sequences, begin, delivered});
    tally.next = begin + 1;
  }
  if (delivered > 0) {
    found.parts.resize(std::max(found.parts.size(), delivered));
    for (const Part& part : parts)
      for_each(part, [&](std::uint32_t rank, std::uint64_t cuts) {
        if (std::size_t& next = tallies_[rank].next; next > 0) found.parts[next++ - 1] = {part.block, cuts};
      });
  }
  for (const std::uint32_t rank : touched_) tallies_[rank] = {};
}

void SetMiner::grow_antecedent(std::span<const Part> parts, std::uint32_t sequences) {
  const std::size_t length = antecedent_.size();
  if (length > 0 || limits_.with_empty_antecedents) {
    Extensions& consequents = level(consequents_, 0);
    extend(parts, Side::kAfter, 0, limits_.consequent_most > 1, consequents);
    // What nothing follows often enough, nothing follows where it has more items.
    if (consequents.all.empty()) return;
    std::uint32_t most = 0;
    for (const Extensions::One& each : consequents.all) most = std::max(most, each.sequences);
    count_candidate(most);
    grow_consequent(consequents, sequences, static_cast<std::uint32_t>(limits_.min_confidence.least_of(sequences)));
  }
  if (length == limits_.antecedent_most) return;
  Extensions& antecedents = level(antecedents_, length);
  extend(parts, Side::kBefore, length > 0 ? antecedent_.back() + 1 : 0, true, antecedents);
  for (const Extensions::One& each : std::views::reverse(antecedents.all)) {
    if (each.sequences < least_) continue;
    antecedent_.push_back(each.rank);
    block(each.rank, 1);
    grow_antecedent(antecedents.parts_of(each), each.sequences);
    block(each.rank, -1);
    antecedent_.pop_back();
  }
}

// The consequents with one more item, and what grows from them. `least`: by the confidence.
void SetMiner::grow_consequent(const Extensions& extensions, std::uint32_t with_antecedent, std::uint32_t least) {
  const auto items_of = [&](const std::vector<std::uint32_t>& ranks) {
    std::vector<Item> items;
    for (const std::uint32_t each : ranks) items.push_back(by_rank_[each]);
    std::sort(items.begin(), items.end());
    return items;
  };
  for (const Extensions::One& each : std::views::reverse(extensions.all)) {
    if (each.sequences < std::max(least, least_)) continue;
    consequent_.push_back(each.rank);
    found_.rules.push_back({items_of(antecedent_), items_of(consequent_), with_antecedent, each.sequences});
    count_candidate(each.sequences);
    if (const std::size_t length = consequent_.size(); length < limits_.consequent_most) {
      block(each.rank, 1);
      Extensions& longer = level(consequents_, length);
      extend(extensions.parts_of(each), Side::kAfter, each.rank + 1, length + 1 < limits_.consequent_most, longer);
      grow_consequent(longer, with_antecedent, least);
      block(each.rank, -1);
    }
    consequent_.pop_back();
  }
}

void SetMiner::count_candidate(std::uint32_t sequences) {
  ++candidates_;
  ++by_count_[sequences];
  for (; candidates_ > limits_.candidates_most; ++least_) candidates_ -= by_count_[least_];
  if (found_.rules.size() / 2 > limits_.candidates_most) drop_rules_below_least();
}

void SetMiner::drop_rules_below_least() {
  std::erase_if(found_.rules, [&](const SetRule& rule) { return rule.both < least_; });
}

}  // namespace nudge::sequence_rules
