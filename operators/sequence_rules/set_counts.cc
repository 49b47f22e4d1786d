#include "operators/sequence_rules/set_counts.h"

namespace nudge::sequence_rules {

SetCounts::SetCounts(const Occurrences& occurrences) : occurrences_(occurrences) {
  for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer)
    for (const Purchase& purchase : occurrences.purchases(customer)) ++weeks_[week_of(purchase.time)];
}

const SetCounts::Weeks& SetCounts::weeks_with(const std::vector<Item>& items) {
  const auto [found, is_new] = weeks_with_.try_emplace(items);
  if (is_new)
    for (const Occurrence& each : occurrences_.of_all(items))
      ++found->second[week_of(occurrences_.purchases(each.customer)[each.place].time)];
  return found->second;
}

GapFigures SetCounts::figures(std::span<const Item> antecedent, std::span<const Item> consequent, const Clock& clock) {
  GapFigures figures(clock.bins);
  const ItemBits all = bits_of_all(consequent);
  std::vector<SparseCounts> met(all + std::size_t{1});  // by what was missing, and by week
  SetSpells spells(clock, bits_of_all(antecedent), all);
  occurrences_.for_each_with(
      antecedent, consequent, [&](std::uint32_t customer, std::span<const Mark> before, std::span<const Mark> after) {
        const std::span<const Purchase> purchases = up_to(occurrences_.purchases(customer), clock.until);
        spells.for_each(purchases, before, after, [&](const Spell& spell) {
          if (spell.is_ended)
            figures.add_ended(spell.last_bin, 1);
          else
            figures.add_censored(clock.gap(purchases[spell.start].time, clock.until), 1);
          spells.for_each_met(spell, after, [&](std::uint32_t place, ItemBits missing, ItemBits) {
            met[missing].add(week_of(purchases[place].time), 1);
            ++figures.met;
          });
        });
      });
  figures.sum_up();
  // By falling bits and rising weeks: a sum of reals whose order is fixed.
  std::vector<Item> items;
  for (ItemBits missing = all; missing > 0; --missing) {
    if (met[missing].empty()) continue;
    items.clear();
    for (std::size_t i = 0; i < consequent.size(); ++i)
      if (missing >> i & 1) items.push_back(consequent[i]);
    const Weeks& with = weeks_with(items);
    for (const auto& [week, n] : met[missing].cells())
      if (const auto found = with.find(week); found != with.end())
        figures.expected +=
            static_cast<double>(n) * static_cast<double>(found->second) / static_cast<double>(weeks_.at(week));
  }
  return figures;
}

}  // namespace nudge::sequence_rules
