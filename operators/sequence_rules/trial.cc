#include "operators/sequence_rules/trial.h"

#include <algorithm>

#include "operators/rules/evidence.h"
#include "operators/sequence_rules/spells.h"

namespace nudge::sequence_rules {
namespace {

bool has(const Purchase& purchase, Item item) {
  return std::binary_search(purchase.items.begin(), purchase.items.end(), item);
}

void find_places(std::span<const Purchase> purchases, Item item, std::vector<std::uint32_t>& places) {
  places.clear();
  for (std::uint32_t place = 0; place < purchases.size(); ++place)
    if (has(purchases[place], item)) places.push_back(place);
}

}  // namespace

Trial::Trial(const Histories& histories, const Segment& segment, const Clock& clock, Millis after) : clock_(clock) {
  using Stratum = std::pair<std::int32_t, std::size_t>;  // week, size
  std::map<Stratum, std::uint32_t> strata;
  const auto each_counted = [&](std::span<const Purchase> purchases, auto visit) {
    bool any = false;
    std::int32_t last = 0;
    for (std::uint32_t place = 0; place < purchases.size(); ++place) {
      if (purchases[place].time <= after) continue;
      const std::int32_t week = week_of(purchases[place].time);
      if (any && week == last) continue;
      any = true;
      last = week;
      visit(place, Stratum(week, size_class(purchases[place].items.size())));
    }
  };
  histories.for_each(segment, [&](std::span<const Purchase> purchases) {
    each_counted(purchases, [&](std::uint32_t, const Stratum& stratum) { strata.emplace(stratum, 0); });
  });
  for (auto& [stratum, number] : strata) {
    number = static_cast<std::uint32_t>(totals_.size());
    totals_.push_back(0);
  }
  histories.for_each(segment, [&](std::span<const Purchase> purchases) {
    Customer customer{purchases, std::vector<std::uint32_t>(purchases.size(), kNoStratum)};
    bool any = false;
    each_counted(purchases, [&](std::uint32_t place, const Stratum& stratum) {
      ++totals_[customer.strata[place] = strata.at(stratum)];
      any = true;
    });
    if (any) customers_.push_back(std::move(customer));
  });
}

std::vector<std::vector<Table>> Trial::tables(Item antecedent, std::span<const Item> consequents) const {
  std::vector<std::vector<Table>> tables(consequents.size(), std::vector<Table>(totals_.size()));
  for (std::vector<Table>& of_one : tables)
    for (std::size_t stratum = 0; stratum < totals_.size(); ++stratum) of_one[stratum].total = totals_[stratum];
  std::vector<Millis> times;
  std::vector<std::uint32_t> starts, ends;
  for (const Customer& customer : customers_) {
    times.clear();
    for (const Purchase& purchase : customer.purchases) times.push_back(purchase.time);
    find_places(customer.purchases, antecedent, starts);
    for (std::size_t i = 0; i < consequents.size(); ++i) {
      find_places(customer.purchases, consequents[i], ends);
      std::vector<Table>& own = tables[i];
      for (const std::uint32_t place : ends)
        if (customer.strata[place] != kNoStratum) ++own[customer.strata[place]].second;
      for_each_spell(times, starts, ends, clock_, [&](const Spell& spell) {
        const std::uint32_t behind = spell.end + (spell.is_ended ? 1 : 0);
        for (std::uint32_t place = spell.start + 1; place < behind; ++place)
          if (customer.strata[place] != kNoStratum) ++own[customer.strata[place]].first;
        if (spell.is_ended && customer.strata[spell.end] != kNoStratum) ++own[customer.strata[spell.end]].both;
      });
    }
  }
  return tables;
}

}  // namespace nudge::sequence_rules
