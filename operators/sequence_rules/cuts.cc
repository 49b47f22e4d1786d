#include "operators/sequence_rules/cuts.h"

#include <algorithm>

namespace nudge::sequence_rules {
namespace {

constexpr std::uint32_t kBits = 64;

// The bits of block `block` that stand for the cuts [begin, end).
std::uint64_t bits_of(std::uint32_t block, std::uint32_t begin, std::uint32_t end) {
  const std::uint32_t first = block * kBits;
  begin = std::max(begin, first);
  end = std::min(end, first + kBits);
  if (begin >= end) return 0;
  return (~std::uint64_t{0} >> (kBits - (end - begin))) << (begin - first);
}

}  // namespace

void Cuts::find_near(std::span<const Purchase> purchases) {
  near_.resize(purchases.size());
  std::uint32_t begin = 0, end = 0;
  for (std::uint32_t place = 0; place < purchases.size(); ++place) {
    while (purchases[place].time - purchases[begin].time >= horizon_) ++begin;
    while (end < purchases.size() && purchases[end].time - purchases[place].time < horizon_) ++end;
    near_[place] = {begin, end};
  }
}

void Cuts::add(std::span<const Purchase> purchases) {
  find_near(purchases);
  places_.clear();
  for (std::uint32_t place = 0; place < purchases.size(); ++place)
    for (const Item item : purchases[place].items) places_.emplace_back(item, place);
  std::sort(places_.begin(), places_.end());
  const auto first = static_cast<std::uint32_t>(
      std::find_if(purchases.begin(), purchases.end(), [&](const Purchase& each) { return each.time > from_; }) -
      purchases.begin());
  of_blocks_.resize(std::max<std::size_t>(of_blocks_.size(), (purchases.size() + kBits - 1) / kBits));
  for (const auto& [item, place] : places_) {
    const Near near{std::max(near_[place].begin, first), near_[place].end};
    if (near.begin >= near.end) continue;
    for (std::uint32_t block = near.begin / kBits; block * kBits < near.end; ++block) {
      std::vector<Cell>& cells = of_blocks_[block];
      if (cells.empty() || cells.back().item != item) cells.push_back({item, 0, 0});
      cells.back().before |= bits_of(block, std::max(place, first), near.end);
      cells.back().after |= bits_of(block, near.begin, place);
    }
  }
  for (std::vector<Cell>& cells : of_blocks_) {
    if (cells.empty()) continue;
    blocks_.push_back({sequences_, cells_.size()});
    cells_.insert(cells_.end(), cells.begin(), cells.end());
    cells.clear();
  }
  ++sequences_;
}

}  // namespace nudge::sequence_rules
