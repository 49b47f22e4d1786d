// A task's sales of products in one segmentation, since the last partial: products belong to no customer, so they are
// known and placed in the global part only.
#pragma once

#include "operators/segments/keeper.h"

namespace nudge::segments {

class ProductKeeper final : public Keeper {
 public:
  using Keeper::Keeper;

  void apply(const Event& transaction) { partial_.products.apply(transaction); }
  void retract(const Event& transaction) { partial_.products.retract(transaction); }
};

}  // namespace nudge::segments
