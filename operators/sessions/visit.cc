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

namespace {

// Which parts of a visit follow, in this order. Most are missing from most.
enum Part : std::uint8_t { kNamed = 1, kOwnId = 2, kSales = 4, kProducts = 8, kPrice = 16, kWords = 32 };

}  // namespace

void Visit::encode(Encoder& out) const {
  const bool has_words = device != 0 || region != 0 || referrer != Referrer::kUnknown;
  const int parts = (named ? kNamed : 0) | (id != key ? kOwnId : 0) | (sales != 0 || last != last_view ? kSales : 0) |
                    (!products.empty() || earlier_products != 0 ? kProducts : 0) | (last_price >= 0 ? kPrice : 0) |
                    (has_words ? kWords : 0);
  out.byte(static_cast<std::uint8_t>(parts));
  out.fixed64(key);
  if (parts & kOwnId) out.fixed64(id);
  out.zigzag(first);
  out.zigzag(last_view - first);
  std::uint64_t used = 0;
  for (std::size_t i = 0; i < kPageActions; ++i) used |= static_cast<std::uint64_t>(actions[i] != 0) << i;
  out.varint(used);
  for (const std::uint32_t n : actions)
    if (n != 0) out.varint(n);
  if (parts & kSales) {
    out.varint(sales);
    out.zigzag(last - last_view);
  }
  if (parts & kProducts) {
    out.varint(earlier_products);
    out.varint(products.size());
    for (const std::uint32_t product : products) out.fixed32(product);
  }
  if (parts & kPrice) out.zigzag(last_price);
  if (parts & kWords)
    for (const std::uint8_t word : {device, region, static_cast<std::uint8_t>(referrer)}) out.byte(word);
}

Visit Visit::decode(Decoder& in) {
  Visit visit;
  const std::uint8_t parts = in.byte();
  visit.named = parts & kNamed;
  visit.key = in.fixed64();
  visit.id = parts & kOwnId ? in.fixed64() : visit.key;
  visit.first = in.zigzag();
  visit.last = visit.last_view = visit.first + in.zigzag();
  const std::uint64_t used = in.varint();
  for (std::size_t i = 0; i < kPageActions; ++i)
    if (used >> i & 1) visit.actions[i] = static_cast<std::uint32_t>(in.varint());
  if (parts & kSales) {
    visit.sales = static_cast<std::uint32_t>(in.varint());
    visit.last += in.zigzag();
  }
  if (parts & kProducts) {
    visit.earlier_products = static_cast<std::uint32_t>(in.varint());
    visit.products.resize(in.count(4));
    for (std::uint32_t& product : visit.products) product = in.fixed32();
  }
  if (parts & kPrice) visit.last_price = in.zigzag();
  if (parts & kWords) {
    visit.device = in.byte();
    visit.region = in.byte();
    const std::uint8_t referrer = in.byte();
    if (referrer > static_cast<std::uint8_t>(Referrer::kOther)) in.fail();
    visit.referrer = static_cast<Referrer>(referrer);
  }
  return visit;
}

}  // namespace nudge::sessions
