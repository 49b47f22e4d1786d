// Spells of one customer between sets of items.
//
// A set is complete at a purchase that has one of its items, where each other one was bought in it or less than a
// horizon before it; there a spell of the antecedent starts. It ends at the first purchase by which all of the
// consequent was bought after its start, however many purchases that took. Of single items these are the spells of
// spells.h.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "operators/sequence_rules/occurrences.h"
#include "operators/sequence_rules/spells.h"

namespace nudge::sequence_rules {

inline constexpr std::size_t kSetItemsMax = 4;  // of a side

class SetSpells {
 public:
  SetSpells(const Clock& clock, ItemBits antecedent, ItemBits consequent)
      : clock_(clock), all_before_(antecedent), all_after_(consequent) {}

  // visit(spell, the purchases in it) for each. `purchases` are those up to the clock's `until`, with times that
  // differ.
  template <typename Visit>
  void for_each(std::span<const Purchase> purchases, std::span<const Mark> antecedent, std::span<const Mark> consequent,
                Visit visit) {
    find_starts(purchases, antecedent);
    const Times times{purchases};
    const auto next_end = [&](std::uint32_t start) { return end_of(times, consequent, start); };
    walk_spells(times, starts_, next_end, clock_, visit);
  }

  // visit(place, what of the consequent was missing before it, what it has) for each purchase in a spell, the one that
  // ends it included.
  template <typename Visit>
  void for_each_met(const Spell& spell, std::span<const Mark> consequent, Visit visit) const {
    const std::uint32_t behind = spell.end + (spell.is_ended ? 1 : 0);
    ItemBits missing = all_after_;
    auto mark = after(consequent, spell.start);
    for (std::uint32_t place = spell.start + 1; place < behind; ++place) {
      const bool is_mark = mark != consequent.end() && mark->place == place;
      const ItemBits has = is_mark ? (mark++)->bits : 0;
      visit(place, missing, has);
      missing &= ~has;
    }
  }

 private:
  struct Times {
    std::span<const Purchase> purchases;
    Millis operator[](std::size_t place) const { return purchases[place].time; }
    std::size_t size() const { return purchases.size(); }
  };

  static std::span<const Mark>::iterator after(std::span<const Mark> marks, std::uint32_t place) {
    return std::upper_bound(marks.begin(), marks.end(), place,
                            [](std::uint32_t wanted, const Mark& mark) { return wanted < mark.place; });
  }

  // Where the antecedent is complete.
  void find_starts(std::span<const Purchase> purchases, std::span<const Mark> antecedent) {
    starts_.clear();
    std::array<Millis, kSetItemsMax> last{};  // when each item was bought, by its bit
    ItemBits seen = 0;
    for (const Mark& mark : antecedent) {
      if (mark.place >= purchases.size()) break;
      const Millis time = purchases[mark.place].time;
      seen |= mark.bits;
      for (ItemBits bits = mark.bits; bits != 0; bits &= bits - 1)
        last[static_cast<std::size_t>(std::countr_zero(bits))] = time;
      bool is_complete = seen == all_before_;
      for (ItemBits bits = all_before_; is_complete && bits != 0; bits &= bits - 1)
        is_complete = clock_.gap(last[static_cast<std::size_t>(std::countr_zero(bits))], time) < clock_.bins;
      if (is_complete) starts_.push_back(mark.place);
    }
  }

  std::uint32_t end_of(const Times& times, std::span<const Mark> consequent, std::uint32_t start) const {
    ItemBits missing = all_after_;
    for (auto mark = after(consequent, start); mark != consequent.end() && mark->place < times.size(); ++mark)
      if ((missing &= ~mark->bits) == 0) return mark->place;
    return static_cast<std::uint32_t>(times.size());
  }

  const Clock clock_;
  const ItemBits all_before_, all_after_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace nudge::sequence_rules
