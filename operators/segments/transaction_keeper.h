// A task's sales in one segmentation. A sale does not change: it is placed when it comes, and counts for a window.
#pragma once

#include <optional>

#include "operators/segments/keeper.h"
#include "operators/segments/section.h"
#include "operators/segments/transaction_reader.h"

namespace nudge::segments {

class TransactionKeeper final : public Keeper {
 public:
  explicit TransactionKeeper(const Segmentation& segmentation) : Keeper(segmentation), reader_(segmentation) {
    needs_categories_ = segmentation.has_feature(kCategories);
    if (!segmentation.linked_customers.empty()) linked_customers_ = name_hash(segmentation.linked_customers);
  }

  // The sale holds from now on, or no more. Other transactions are passed over. `categories`: those with which it was
  // counted; nothing where that is no longer known.
  void apply(const Event& transaction, CategoryCount categories, CustomerContext& customer);
  void retract(const Event& transaction, std::optional<CategoryCount> categories, CustomerContext& customer);

 private:
  // The sale counts as bought by the customer's segment in an order of this one; and no more.
  void link(const Event& transaction, std::int32_t order, CustomerContext& customer);
  void unlink(const Event& transaction, CustomerContext& customer);
  void count_purchases(const Event& transaction, const PlacedSale& sale, int sign);

  TransactionReader reader_;
  bool needs_categories_ = false;
  std::optional<std::uint64_t> linked_customers_;  // a hash of the segmentation's name
};

}  // namespace nudge::segments
