#include "operators/sessions/visit.h"

#include <algorithm>

namespace nudge::sessions {

Visit Visit::begun_by(const Touch& touch) {
  Visit visit;
  visit.key = touch.key;
  visit.named = touch.named;
  visit.first = visit.last = visit.last_view = touch.at;
  return visit;
}

void Visit::add(const Touch& touch) {
  first = std::min(first, touch.at);
  last = std::max(last, touch.at);
  last_view = std::max(last_view, touch.at);
  sales += waiting_sales;
  waiting_sales = 0;
  ++actions[static_cast<std::size_t>(touch.action)];
  if (touch.product != 0 && products.size() < kProductsMax) {
    const auto place = std::lower_bound(products.begin(), products.end(), touch.product);
    if (place == products.end() || *place != touch.product) products.insert(place, touch.product);
  }
  if (touch.action == PageAction::kProductView && touch.price >= 0) last_price = touch.price;
  if (touch.device != 0) device = touch.device;
  if (touch.region != 0) region = touch.region;
  if (referrer == Referrer::kUnknown) referrer = touch.referrer;
}

void Visit::take_away(const Touch& touch) {
  std::uint32_t& n = actions[static_cast<std::size_t>(touch.action)];
  if (n > 0) --n;
}

std::uint32_t Visit::page_views() const {
  std::uint32_t sum = 0;
  for (const std::uint32_t n : actions) sum += n;
  return sum;
}

void Visit::encode(Encoder& out) const {
  out.fixed64(id);
  out.fixed64(key);
  out.boolean(named);
  out.zigzag(first);
  out.zigzag(last_view - first);
  out.zigzag(last - first);
  out.varint(sales);
  for (const std::uint32_t n : actions) out.varint(n);
  out.varint(products.size());
  for (const std::uint32_t product : products) out.fixed32(product);
  out.varint(earlier_products);
  out.zigzag(last_price);
  out.byte(device);
  out.byte(region);
  out.byte(static_cast<std::uint8_t>(referrer));
}

Visit Visit::decode(Decoder& in) {
  Visit visit;
  visit.id = in.fixed64();
  visit.key = in.fixed64();
  visit.named = in.boolean();
  visit.first = in.zigzag();
  visit.last_view = visit.first + in.zigzag();
  visit.last = visit.first + in.zigzag();
  visit.sales = static_cast<std::uint32_t>(in.varint());
  for (std::uint32_t& n : visit.actions) n = static_cast<std::uint32_t>(in.varint());
  visit.products.resize(in.count(4));
  for (std::uint32_t& product : visit.products) product = in.fixed32();
  visit.earlier_products = static_cast<std::uint32_t>(in.varint());
  visit.last_price = in.zigzag();
  visit.device = in.byte();
  visit.region = in.byte();
  const std::uint8_t referrer = in.byte();
  if (referrer > static_cast<std::uint8_t>(Referrer::kOther)) in.fail();
  visit.referrer = static_cast<Referrer>(referrer);
  return visit;
}

}  // namespace nudge::sessions
