#include "operators/sequence_rules/trial.h"

#include <algorithm>
#include <map>

#include "operators/sequence_rules/set_spells.h"

namespace nudge::sequence_rules {

Trial::Trial(const Occurrences& occurrences, const Clock& clock, Millis after)
    : occurrences_(occurrences), clock_(clock) {
  using Stratum = std::pair<std::int32_t, std::size_t>;  // week, size
  std::map<Stratum, std::uint32_t> numbers;
  // visit(place, stratum) for each purchase of a customer that counts.
  const auto for_each_counted = [&](std::uint32_t customer, auto visit) {
    const std::span<const Purchase> purchases = occurrences.purchases(customer);
    bool any = false;
    std::int32_t last = 0;
    for (std::uint32_t place = 0; place < purchases.size(); ++place) {
      if (purchases[place].time <= after || purchases[place].time > clock.until) continue;
      const std::int32_t week = week_of(purchases[place].time);
      if (any && week == last) continue;
      any = true;
      last = week;
      visit(place, Stratum(week, size_class(purchases[place].items.size())));
    }
  };
  for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer) {
    begins_.push_back(strata_.size());
    strata_.resize(strata_.size() + occurrences.purchases(customer).size(), kNoStratum);
    for_each_counted(customer, [&](std::uint32_t, const Stratum& stratum) { numbers.emplace(stratum, 0); });
  }
  for (auto& [stratum, number] : numbers) {
    number = static_cast<std::uint32_t>(totals_.size());
    totals_.push_back(0);
  }
  for (std::uint32_t customer = 0; customer < occurrences.customers(); ++customer)
    for_each_counted(customer, [&](std::uint32_t place, const Stratum& stratum) {
      ++totals_[strata_[begins_[customer] + place] = numbers.at(stratum)];
    });
}

std::vector<Trial::InSpell> Trial::in_spells(std::span<const Item> antecedent, std::span<const Item> consequent) const {
  std::vector<InSpell> found;
  SetSpells spells(clock_, bits_of_all(antecedent), bits_of_all(consequent));
  occurrences_.for_each_with(
      antecedent, consequent, [&](std::uint32_t customer, std::span<const Mark> before, std::span<const Mark> after) {
        spells.for_each(occurrences_.purchases(customer), before, after, [&](const Spell& spell) {
          spells.for_each_met(spell, after, [&](std::uint32_t place, ItemBits missing, ItemBits has) {
            const std::uint32_t stratum = stratum_of({customer, place});
            if (stratum != kNoStratum) found.push_back({stratum, missing, has});
          });
        });
      });
  return found;
}

Trial::Tables Trial::tables(std::span<const Item> antecedent, std::span<const Item> consequent) const {
  const std::vector<InSpell> in_spells = this->in_spells(antecedent, consequent);
  const ItemBits all = bits_of_all(consequent);
  Tables tables;
  std::vector<Item> items;
  for (ItemBits missing = all; missing > 0; --missing) {
    std::vector<Table> own(totals_.size());
    bool any = missing == all;
    for (const InSpell& each : in_spells) {
      Table& table = own[each.stratum];
      const bool has_all = (each.has & missing) == missing;
      if (each.missing == missing) {
        any = true;
        ++table.first;
        table.both += has_all;
      } else if (each.missing > missing) {  // in a table before
        --table.total;
        table.second -= has_all;
      }
    }
    if (!any) continue;
    items.clear();
    for (std::size_t i = 0; i < consequent.size(); ++i)
      if (missing >> i & 1) items.push_back(consequent[i]);
    for (const Occurrence& each : occurrences_.of_all(items))
      if (const std::uint32_t stratum = stratum_of(each); stratum != kNoStratum) ++own[stratum].second;
    for (std::size_t stratum = 0; stratum < own.size(); ++stratum) own[stratum].total += totals_[stratum];
    std::vector<Table>& tables_of = missing == all ? tables.all : tables.rest;
    tables_of.insert(tables_of.end(), own.begin(), own.end());
  }
  return tables;
}

void Trial::Tables::add_to(Evidence& evidence) const {
  for (const Table& table : all) evidence.add(table);
  for (const Table& table : rest) evidence.add_rest(table);
}

}  // namespace nudge::sequence_rules
