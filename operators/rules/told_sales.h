// What the tasks have told of sales, customers and products, as the global part keeps it.
#pragma once

#include <string_view>
#include <vector>

#include "operators/rules/products.h"
#include "operators/rules/sale_window.h"
#include "operators/rules/told.h"

namespace nudge::rules {

class ToldSales {
 public:
  // `of`: the operator, for its log; `pane_length`: of engine.epoch.
  ToldSales(std::string_view of, Millis pane_length) : of_(of), window_(pane_length) {}

  // What one task told. Settle before the sales are read.
  void hear(std::string_view told);
  // Sales until `too_old` go, and the oldest until `sales_most` are left, which are counted. The products that have
  // become something else since the last call.
  std::vector<std::uint32_t> settle(Millis too_old, std::size_t sales_most);

  const SaleWindow& window() const { return window_; }
  const Products& products() const { return products_; }
  std::uint64_t left_out() const { return left_out_; }

  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 private:
  std::string_view of_;
  Products products_;
  SaleWindow window_;
  std::uint64_t left_out_ = 0;
  Entry entry_;
  std::vector<Line> lines_;
};

}  // namespace nudge::rules
