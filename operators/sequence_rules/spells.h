// Spells of one customer: from a purchase of the antecedent to the first later purchase of the consequent.
//
// A spell is censored at the horizon or at the window's end, never at the customer's last purchase, and nothing else
// ends it; a repeated antecedent in an open spell starts none. The purchase that ends a spell may start the next. A
// spell belongs to the window in which it starts, but those that started before decide which purchases start one: so
// the purchases are those of the window and of a horizon before it, at least.
#pragma once

#include <cstdint>
#include <span>

#include "engine/time.h"

namespace nudge::sequence_rules {

struct Clock {
  Millis bin = 0;
  std::int32_t bins = 0;  // of the horizon
  Millis from = 0;        // the window is (from, until]
  Millis until = 0;

  // How many whole bins lie between; `bins` where it is beyond the horizon.
  std::int32_t gap(Millis start, Millis time) const {
    const Millis gap = (time - start) / bin;
    return gap < bins ? static_cast<std::int32_t>(gap) : bins;
  }
};

// Counted from 1970, a Thursday.
inline std::int32_t week_of(Millis time) { return static_cast<std::int32_t>(time / kWeek); }

struct Spell {
  std::uint32_t start = 0;    // the place of the purchase that starts it
  std::uint32_t end = 0;      // of the one that ends it; else one behind the last within the horizon
  std::int32_t last_bin = 0;  // in which it was at risk
  bool is_ended = false;      // by the consequent; else it is censored
};

// Calls visit(spell) for each spell that starts in the window. `times` are those of all purchases of the customer up to
// the window's end, in their order; `starts` the places that may start a spell, rising; next_end(start) is the place of
// the first purchase that ends a spell from there, whenever it comes, or times.size().
template <typename Times, typename NextEnd, typename Visit>
void walk_spells(const Times& times, std::span<const std::uint32_t> starts, NextEnd next_end, const Clock& clock,
                 Visit visit) {
  std::uint32_t first = 0;  // the place from which a spell may start
  for (const std::uint32_t start : starts) {
    if (start < first) continue;
    const std::uint32_t ending = next_end(start);
    Spell spell{start, 0, 0, false};
    spell.is_ended = ending < times.size() && clock.gap(times[start], times[ending]) < clock.bins;
    if (spell.is_ended) {
      spell.end = ending;
      spell.last_bin = clock.gap(times[start], times[spell.end]);
    } else {
      spell.end = start + 1;
      while (spell.end < times.size() && clock.gap(times[start], times[spell.end]) < clock.bins) ++spell.end;
      const std::int32_t seen = clock.gap(times[start], clock.until);
      spell.last_bin = seen < clock.bins ? seen : clock.bins - 1;
    }
    first = spell.end;
    if (times[start] > clock.from) visit(spell);
  }
}

// Between single items: `antecedent` and `consequent` are the places of purchases with the item, rising.
template <typename Visit>
void for_each_spell(std::span<const Millis> times, std::span<const std::uint32_t> antecedent,
                    std::span<const std::uint32_t> consequent, const Clock& clock, Visit visit) {
  auto ending = consequent.begin();
  const auto next_end = [&](std::uint32_t start) {
    while (ending != consequent.end() && (*ending <= start || times[*ending] <= times[start])) ++ending;
    return ending != consequent.end() ? *ending : static_cast<std::uint32_t>(times.size());
  };
  walk_spells(times, antecedent, next_end, clock, visit);
}

}  // namespace nudge::sequence_rules
