// Where each item is among the purchases of a segment's customers: what a rule is counted by without a look at
// purchases that have none of its items.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/sequence_rules/histories.h"

namespace nudge::sequence_rules {

// Which items of a set one purchase has: a bit each, by their place in the set.
using ItemBits = std::uint32_t;

// All of a set.
inline ItemBits bits_of_all(std::span<const Item> items) { return (ItemBits{1} << items.size()) - 1; }

struct Occurrence {
  std::uint32_t customer = 0, place = 0;  // the customer's number, and which of its purchases
  auto operator<=>(const Occurrence&) const = default;
};

// A purchase that has some items of a set.
struct Mark {
  std::uint32_t place = 0;
  ItemBits bits = 0;
};

class Occurrences {
 public:
  // `histories` must outlive it.
  Occurrences(const Histories& histories, const Segment& segment);

  std::size_t customers() const { return customers_.size(); }
  std::span<const Purchase> purchases(std::uint32_t customer) const { return customers_[customer]; }
  // Rising.
  std::span<const Occurrence> of(Item item) const {
    if (item + std::size_t{1} >= begins_.size()) return {};
    return std::span(occurrences_).subspan(begins_[item], begins_[item + 1] - begins_[item]);
  }
  // The purchases that have all of the items, of which there is one at least; rising.
  std::vector<Occurrence> of_all(std::span<const Item> items) const;

  // visit(customer, its marks of the antecedent, its marks of the consequent) for each that has bought all of the
  // antecedent. Marks are in the order of their places.
  template <typename Visit>
  void for_each_with(std::span<const Item> antecedent, std::span<const Item> consequent, Visit visit) const;

 private:
  // Occurrences of the items of a set, customer by customer.
  class Cursors {
   public:
    Cursors(const Occurrences& all, std::span<const Item> items) {
      for (const Item item : items) rest_.push_back(all.of(item));
    }
    // Those of a customer, which is behind all that were asked for before. Which items it has.
    ItemBits marks_of(std::uint32_t customer, std::vector<Mark>& marks);

   private:
    std::vector<std::span<const Occurrence>> rest_;
  };

  std::vector<std::span<const Purchase>> customers_;
  std::vector<Occurrence> occurrences_;  // by item
  std::vector<std::size_t> begins_;      // by item; and the end
};

template <typename Visit>
void Occurrences::for_each_with(std::span<const Item> antecedent, std::span<const Item> consequent, Visit visit) const {
  Cursors before(*this, antecedent), after(*this, consequent);
  std::vector<Mark> marks_before, marks_after;
  const std::span<const Occurrence> with_first = of(antecedent.front());
  for (std::size_t i = 0; i < with_first.size(); ++i) {
    const std::uint32_t customer = with_first[i].customer;
    if (i > 0 && with_first[i - 1].customer == customer) continue;
    if (before.marks_of(customer, marks_before) != bits_of_all(antecedent)) continue;
    after.marks_of(customer, marks_after);
    visit(customer, std::span<const Mark>(marks_before), std::span<const Mark>(marks_after));
  }
}

}  // namespace nudge::sequence_rules
