// A task's sales in one segmentation. A sale does not change: it is placed when it comes, and counts for a window.
#pragma once

#include "operators/segments/keeper.h"
#include "operators/segments/transaction_reader.h"

namespace nudge::segments {

class TransactionKeeper final : public Keeper {
 public:
  explicit TransactionKeeper(const Segmentation& segmentation) : Keeper(segmentation), reader_(segmentation) {}

  // The sale holds from now on, or no more. Other transactions are passed over.
  void apply(const Event& transaction, CustomerContext& customer);
  void retract(const Event& transaction, CustomerContext& customer);

 private:
  TransactionReader reader_;
};

}  // namespace nudge::segments
