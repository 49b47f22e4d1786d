#include "operators/sequence_rules/pair_counts.h"

#include <algorithm>

namespace nudge::sequence_rules {

void PairCounts::Counts::add(const Counts& other, int sign) {
  ended.add(other.ended, sign);
  censored.add(other.censored, sign);
  met.add(other.met, sign);
  events += sign * other.events;
}

void PairCounts::Counts::set_difference(const Counts& a, const Counts& b) {
  ended.set_difference(a.ended, b.ended);
  censored.set_difference(a.censored, b.censored);
  met.set_difference(a.met, b.met);
  events = a.events - b.events;
}

void PairCounts::Counts::clear() {
  ended.clear();
  censored.clear();
  met.clear();
  events = 0;
}

void PairCounts::count_spells(std::span<const std::uint32_t> antecedent, std::span<const std::uint32_t> consequent,
                              int sign, Counts& counts) const {
  counts.clear();
  // Spells come one after the other, and so do the purchases in them.
  for_each_spell(times_, antecedent, consequent, clock_, [&](const Spell& spell) {
    if (spell.is_ended) {
      counts.ended.add(spell.last_bin, sign);
      counts.events += sign;
    } else {
      counts.censored.add(clock_.gap(times_[spell.start], clock_.until), sign);
    }
    const std::uint32_t behind = spell.end + (spell.is_ended ? 1 : 0);
    for (std::uint32_t place = spell.start + 1; place < behind; ++place)
      if (times_[place] > times_[spell.start]) counts.met.append(week_of(times_[place]), sign);
  });
}

void PairCounts::count(std::span<const Purchase> purchases, int sign) {
  times_.clear();
  places_.clear();
  for (std::uint32_t place = 0; place < purchases.size(); ++place) {
    times_.push_back(purchases[place].time);
    for (const Item item : purchases[place].items) places_.emplace_back(item, place);
    auto& sales = sales_[week_of(purchases[place].time)];
    sales += sign;
    for (const Item item : purchases[place].items) {
      SparseCounts& with = sales_with_[item];
      with.add(week_of(purchases[place].time), sign);
      if (with.empty()) sales_with_.erase(item);
    }
  }
  std::sort(places_.begin(), places_.end());
  // The places of each item, and where they begin.
  std::vector<std::uint32_t> of_items;
  std::vector<std::pair<Item, std::size_t>> begins;
  for (const auto& [item, place] : places_) {
    if (begins.empty() || begins.back().first != item) begins.emplace_back(item, of_items.size());
    of_items.push_back(place);
  }
  begins.emplace_back(0, of_items.size());
  const auto places_of = [&](std::size_t i) {
    return std::span(of_items).subspan(begins[i].second, begins[i + 1].second - begins[i].second);
  };
  const auto change = [](auto& table, const auto& key, const Counts& by) {
    const auto found = table.try_emplace(key).first;
    found->second.add(by);
    if (found->second.empty()) table.erase(found);
  };
  Counts without, with, differs;
  for (std::size_t a = 0; a + 1 < begins.size(); ++a) {
    count_spells(places_of(a), {}, sign, without);
    if (!without.empty()) change(alone_, begins[a].first, without);
    for (std::size_t c = 0; c + 1 < begins.size(); ++c) {
      count_spells(places_of(a), places_of(c), sign, with);
      differs.set_difference(with, without);
      if (!differs.empty()) change(bought_, Pair(begins[a].first, begins[c].first), differs);
    }
  }
}

void PairCounts::merge(const PairCounts& other) {
  for (const auto& [item, counts] : other.alone_) alone_[item].add(counts);
  for (const auto& [pair, counts] : other.bought_) bought_[pair].add(counts);
  absl::erase_if(bought_, [](const auto& each) { return each.second.empty(); });
  for (const auto& [week, n] : other.sales_) sales_[week] += n;
  for (const auto& [item, weeks] : other.sales_with_) sales_with_[item].add(weeks);
}

std::vector<PairCounts::Pair> PairCounts::frequent(std::int64_t events_least) const {
  std::vector<Pair> pairs;
  for (const auto& [pair, counts] : bought_)
    if (counts.events >= events_least) pairs.push_back(pair);
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

GapFigures PairCounts::figures(const Pair& pair, const PairCounts& sales) const {
  Counts counts;
  if (const auto alone = alone_.find(pair.first); alone != alone_.end()) counts.add(alone->second);
  if (const auto bought = bought_.find(pair); bought != bought_.end()) counts.add(bought->second);
  GapFigures figures(clock_.bins);
  for (const auto& [bin, n] : counts.ended.cells()) figures.add_ended(bin, n);
  for (const auto& [seen, n] : counts.censored.cells()) figures.add_censored(seen, n);
  figures.sum_up();
  for (const auto& cell : counts.met.cells()) figures.met += cell.second;
  const auto with = sales.sales_with_.find(pair.second);
  if (with == sales.sales_with_.end()) return figures;
  // By rising weeks: a sum of reals whose order is fixed.
  for (const auto& [week, n] : with->second.cells()) {
    const auto met =
        std::lower_bound(counts.met.cells().begin(), counts.met.cells().end(), week,
                         [](const SparseCounts::Cell& cell, std::int32_t wanted) { return cell.first < wanted; });
    if (met == counts.met.cells().end() || met->first != week) continue;
    figures.expected +=
        static_cast<double>(met->second) * static_cast<double>(n) / static_cast<double>(sales.sales_.at(week));
  }
  return figures;
}

}  // namespace nudge::sequence_rules
