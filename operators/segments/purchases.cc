#include "operators/segments/purchases.h"

namespace nudge::segments {

void Purchases::add(const Event& sale, const Circumstance& circumstance, int sign) {
  std::int64_t count = 0;
  ItemReader<LineItem> lines = sale.lines(field::transactions::kLines);
  for (LineItem line; lines.next(line); ++count) add(line.product_id, circumstance, sign);
  add(circumstance.week, OrderSizes{sign, sign * count, sign * count * count});
}

void Purchases::add(std::string_view product, const Circumstance& circumstance, std::int64_t n) {
  auto found = by_product_.find(product);
  if (found == by_product_.end()) found = by_product_.emplace(product, Counts()).first;
  const auto [place, is_new] = found->second.try_emplace(circumstance, 0);
  size_ += is_new;
  if ((place->second += n) != 0) return;
  found->second.erase(place);
  --size_;
  if (found->second.empty()) by_product_.erase(found);
}

void Purchases::add(std::int64_t week, const OrderSizes& sizes) {
  OrderSizes& own = sizes_[week];
  own.orders += sizes.orders;
  own.lines += sizes.lines;
  own.squares += sizes.squares;
  if (own == OrderSizes()) sizes_.erase(week);
}

void Purchases::merge(const Purchases& other) {
  for (const auto& [product, counts] : other.by_product_)
    for (const auto& [circumstance, n] : counts) add(product, circumstance, n);
  for (const auto& [week, sizes] : other.sizes_) add(week, sizes);
}

void Purchases::forget_before(Millis time) {
  const std::int64_t first_kept = time / kWeek;
  sizes_.erase(sizes_.begin(), sizes_.lower_bound(first_kept));
  for (auto& [product, counts] : by_product_) {
    const auto kept = counts.lower_bound(Circumstance{first_kept, INT32_MIN, INT32_MIN});
    size_ -= static_cast<std::size_t>(std::distance(counts.begin(), kept));
    counts.erase(counts.begin(), kept);
  }
  std::erase_if(by_product_, [](const auto& each) { return each.second.empty(); });
}

std::size_t Purchases::limit(std::size_t most) {
  const std::size_t before = size_;
  while (size_ > most && !sizes_.empty()) forget_before((sizes_.begin()->first + 1) * kWeek);
  return before - size_;
}

void Purchases::clear() { *this = {}; }

Purchases Purchases::only(std::string_view product) const {
  Purchases purchases;
  const auto found = by_product_.find(product);
  purchases.by_product_.insert(*found);
  purchases.size_ = found->second.size();
  return purchases;
}

Purchases Purchases::only_sizes() const {
  Purchases purchases;
  purchases.sizes_ = sizes_;
  return purchases;
}

void Purchases::encode(Encoder& out) const {
  out.varint(by_product_.size());
  for (const auto& [product, counts] : by_product_) {
    out.text(product);
    out.varint(counts.size());
    for (const auto& [circumstance, n] : counts) {
      out.zigzag(circumstance.week);
      out.zigzag(circumstance.customer);
      out.zigzag(circumstance.order);
      out.zigzag(n);
    }
  }
  out.varint(sizes_.size());
  for (const auto& [week, sizes] : sizes_) {
    out.zigzag(week);
    for (const std::int64_t each : {sizes.orders, sizes.lines, sizes.squares}) out.zigzag(each);
  }
}

bool Purchases::decode(Decoder& in) {
  clear();
  for (std::size_t left = in.count(2); left > 0 && in.ok(); --left) {
    const std::string_view product = in.text();
    for (std::size_t counts = in.count(4); counts > 0 && in.ok(); --counts) {
      Circumstance circumstance;
      circumstance.week = in.zigzag();
      circumstance.customer = static_cast<std::int32_t>(in.zigzag());
      circumstance.order = static_cast<std::int32_t>(in.zigzag());
      add(product, circumstance, in.zigzag());
    }
  }
  for (std::size_t left = in.count(4); left > 0 && in.ok(); --left) {
    const std::int64_t week = in.zigzag();
    OrderSizes sizes;
    for (std::int64_t* each : {&sizes.orders, &sizes.lines, &sizes.squares}) *each = in.zigzag();
    add(week, sizes);
  }
  return in.ok();
}

}  // namespace nudge::segments
