#include "operators/rules/told.h"

namespace nudge::rules {

void Entry::encode(Encoder& out) const {
  out.byte(static_cast<std::uint8_t>(kind));
  if (kind == Told::kProduct) {
    out.text(product);
    facts.encode(out);
    return;
  }
  out.fixed64(customer.high);
  out.fixed64(customer.low);
  if (kind == Told::kSegments) out.varint(segments);
  if (kind != Told::kSale && kind != Told::kSaleGone) return;
  out.fixed64(transaction);
  out.zigzag(time);
  if (kind == Told::kSaleGone) return;
  out.varint(lines.size());
  for (const ToldLine& line : lines) {
    out.byte(static_cast<std::uint8_t>(line.discount));
    out.text(line.product);
  }
}

bool Entry::decode(Decoder& in) {
  kind = static_cast<Told>(in.byte());
  lines.clear();
  if (kind > Told::kProduct) return false;
  if (kind == Told::kProduct) {
    product = in.text();
    facts.decode(in);
    return in.ok();
  }
  customer.high = in.fixed64();
  customer.low = in.fixed64();
  if (kind == Told::kSegments) segments = in.varint();
  if (kind != Told::kSale && kind != Told::kSaleGone) return in.ok();
  transaction = in.fixed64();
  time = in.zigzag();
  if (kind == Told::kSaleGone) return in.ok();
  lines.resize(in.count(2));
  for (ToldLine& line : lines) {
    const std::uint8_t level = in.byte();
    if (level > static_cast<std::uint8_t>(DiscountLevel::kMore)) return false;
    line = {in.text(), static_cast<DiscountLevel>(level)};
  }
  return in.ok();
}

}  // namespace nudge::rules
