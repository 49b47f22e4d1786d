#include "operators/basket_rules/basket_bits.h"

#include <algorithm>

namespace nudge::basket_rules {

BasketBits::BasketBits(std::span<const Item> wanted) {
  for (const Item item : wanted) {
    if (item >= places_.size()) places_.resize(item + 1, kNone);
    if (places_[item] != kNone) continue;
    places_[item] = static_cast<std::uint32_t>(bits_.size());
    bits_.emplace_back();
  }
}

void BasketBits::begin_stratum() {
  const std::size_t begin = strata_.empty() ? 0 : strata_.back().end;
  strata_.push_back({begin, begin, 0});
}

void BasketBits::add(std::span<const Item> basket) {
  Stratum& stratum = strata_.back();
  const auto bit = static_cast<std::size_t>(stratum.baskets % 64);
  if (bit == 0) {
    ++stratum.end;
    none_.push_back(0);
    for (Bits& bits : bits_) bits.push_back(0);
  }
  for (const Item item : basket)
    if (item < places_.size() && places_[item] != kNone) bits_[places_[item]].back() |= std::uint64_t{1} << bit;
  ++stratum.baskets;
  ++size_;
}

const BasketBits::Bits& BasketBits::of(Item item) const {
  return item < places_.size() && places_[item] != kNone ? bits_[places_[item]] : none_;
}

void BasketBits::intersect(std::span<const Item> items) {
  found_ = items.empty() ? none_ : of(items.front());
  for (std::size_t i = 1; i < items.size(); ++i) {
    const Bits& other = of(items[i]);
    for (std::size_t word = 0; word < found_.size(); ++word) found_[word] &= other[word];
  }
}

std::int64_t BasketBits::count(std::span<const Item> items) {
  if (items.empty()) return size_;
  intersect(items);
  std::int64_t count = 0;
  for (const std::uint64_t word : found_) count += __builtin_popcountll(word);
  return count;
}

}  // namespace nudge::basket_rules
