// A task's sales of products in one segmentation, since the last partial: products belong to no customer, so they are
// known and placed in the global part only.
#pragma once

#include "operators/segments/keeper.h"

namespace nudge::segments {

class ProductKeeper final : public Keeper {
 public:
  using Keeper::Keeper;

  void apply(const Event& transaction) {
    ProductSales sold;
    sold.apply(transaction);
    add(sold);
  }
  void retract(const Event& transaction) {
    ProductSales sold;
    sold.retract(transaction);
    add(sold);
  }

 private:
  void add(const ProductSales& sold) {
    if (sold.products().empty()) return;
    partial_.changes.products.merge(sold);
    log_.sales(sold, partial_.changes);
  }
};

}  // namespace nudge::segments
