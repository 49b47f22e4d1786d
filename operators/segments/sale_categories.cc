#include "operators/segments/sale_categories.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>

namespace nudge::segments {

CategoryCount::CategoryCount(const Event& sale, const ProductCatalog& products) {
  absl::InlinedVector<ProductCatalog::TextNumber, 16> categories;
  ItemReader<LineItem> lines = sale.lines(field::transactions::kLines);
  for (LineItem line; lines.next(line);) {
    const ProductCatalog::Product* product = products.find(ProductCatalog::key_of(line.product_id));
    if (!product || product->text(ProductAttribute::kCategory) == ProductCatalog::kUnknown) continue;
    categories.push_back(product->text(ProductAttribute::kCategory));
  }
  std::sort(categories.begin(), categories.end());
  count_ = static_cast<std::uint32_t>(std::unique(categories.begin(), categories.end()) - categories.begin());
}

void SaleCategories::keep(std::uint64_t transaction, CategoryCount count) {
  if (sales_.size() == kSalesMost) sales_.erase(sales_.begin());
  sales_.push_back({transaction, count});
}

std::optional<CategoryCount> SaleCategories::take(std::uint64_t transaction) {
  const auto found =
      std::find_if(sales_.begin(), sales_.end(), [&](const Sale& each) { return each.transaction == transaction; });
  if (found == sales_.end()) return std::nullopt;
  const CategoryCount count = found->count;
  sales_.erase(found);
  return count;
}

void SaleCategories::encode(Encoder& out) const {
  out.varint(sales_.size());
  for (const Sale& sale : sales_) {
    out.fixed64(sale.transaction);
    sale.count.encode(out);
  }
}

bool SaleCategories::decode(Decoder& in) {
  sales_.resize(in.count(9));
  for (Sale& sale : sales_) {
    sale.transaction = in.fixed64();
    sale.count.decode(in);
  }
  return in.ok();
}

}  // namespace nudge::segments
