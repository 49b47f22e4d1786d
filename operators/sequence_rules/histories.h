// What each customer bought, in order: from the sales of the window and of a horizon before it.
//
// What somebody buys at one moment is one purchase, in however many sales.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/rules/item_table.h"
#include "operators/rules/rule_set.h"
#include "operators/rules/sale_window.h"
#include "operators/sequence_rules/purchase.h"

namespace nudge::sequence_rules {

class Histories {
 public:
  // Of all sales with from < time ≤ until.
  Histories(Millis from, Millis until, const SaleWindow& window, const Products& products, ItemTable& items);

  // visit(purchases) for each customer of the segment.
  template <typename Visit>
  void for_each(const Segment& segment, Visit visit) const {
    for (std::size_t i = 0; i < segments_.size(); ++i)
      if (segment.has(segments_[i])) visit(std::span(purchases_).subspan(begins_[i], begins_[i + 1] - begins_[i]));
  }

 private:
  std::vector<Item> items_;              // of all purchases, one behind the other
  std::vector<Purchase> purchases_;      // by customer and time
  std::vector<std::uint64_t> segments_;  // by customer
  std::vector<std::size_t> begins_;      // by customer: of the purchases; and the end
};

}  // namespace nudge::sequence_rules
