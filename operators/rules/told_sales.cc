#include "operators/rules/told_sales.h"

#include "engine/check.h"
#include "engine/log.h"

namespace nudge::rules {

void ToldSales::hear(std::string_view told) {
  Decoder in(told);
  while (!in.at_end()) {
    NUDGE_CHECK(entry_.decode(in), "a log as a task wrote it");
    switch (entry_.kind) {
      case Told::kSale:
        lines_.clear();
        for (const ToldLine& line : entry_.lines)
          lines_.push_back(Line::of(products_.number_of(line.product), line.discount));
        window_.add(entry_.customer, entry_.transaction, entry_.time, lines_);
        break;
      case Told::kSaleGone:
        window_.remove(entry_.customer, entry_.transaction, entry_.time);
        break;
      case Told::kSegments:
        window_.set_segments(entry_.customer, entry_.segments);
        break;
      case Told::kErased:
        window_.forget(entry_.customer);
        break;
      case Told::kProduct:
        products_.set(entry_.product, entry_.facts);
        break;
    }
  }
}

std::vector<std::uint32_t> ToldSales::settle(Millis too_old, std::size_t sales_most) {
  window_.settle();
  window_.forget_before(too_old);
  if (const std::size_t gone = window_.limit(sales_most); gone > 0) {
    if (left_out_ == 0)
      log::warn("{}: more sales in the window than sales_max; the oldest are left out sales_max={}", of_, sales_most);
    left_out_ += gone;
  }
  return products_.take_changed();
}

void ToldSales::encode(Encoder& out) const {
  products_.encode(out);
  window_.encode(out);
  out.varint(left_out_);
}

bool ToldSales::decode(Decoder& in) {
  const bool is_good = products_.decode(in) && window_.decode(in);
  left_out_ = in.varint();
  return is_good && in.ok();
}

}  // namespace nudge::rules
