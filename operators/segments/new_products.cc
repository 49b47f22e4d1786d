#include "operators/segments/new_products.h"

#include <algorithm>

#include "engine/hash.h"
#include "state/codec.h"

namespace nudge::segments {

std::optional<NewProducts> NewProducts::of(const ProductSales& sales, Millis now) {
  const std::int64_t since = (now - kNewFor) / kWeek;
  NewProducts products;
  bool is_any_older = false;
  for (const auto& [name, product] : sales.products()) {
    const std::int64_t first = product.first();
    if (first == ProductSales::kNoWeek) continue;
    is_any_older = is_any_older || first < since;
    if (first >= since) products.hashes_.push_back(hash64(name));
  }
  if (!is_any_older) return std::nullopt;
  std::sort(products.hashes_.begin(), products.hashes_.end());
  return products;
}

bool NewProducts::holds(std::string_view product) const {
  return std::binary_search(hashes_.begin(), hashes_.end(), hash64(product));
}

std::string NewProducts::encode() const {
  std::string bytes;
  Encoder out(bytes);
  out.varint(hashes_.size());
  for (const std::uint64_t hash : hashes_) out.fixed64(hash);
  return bytes;
}

std::optional<NewProducts> NewProducts::decode(std::string_view bytes) {
  Decoder in(bytes);
  NewProducts products;
  products.hashes_.resize(in.count(8));
  for (std::uint64_t& hash : products.hashes_) hash = in.fixed64();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return products;
}

}  // namespace nudge::segments
