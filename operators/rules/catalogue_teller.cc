#include "operators/rules/catalogue_teller.h"

#include "engine/hash.h"

namespace nudge::rules {

void CatalogueTeller::tell(std::string& log) {
  if (!catalogue_ || catalogue_->version() == version_) return;
  version_ = catalogue_->version();
  told_.resize(catalogue_->size());
  Entry entry;
  entry.kind = Told::kProduct;
  for (std::uint32_t number = 0; number < told_.size(); ++number) {
    const ProductCatalog::Product& product = (*catalogue_)[number];
    entry.product = catalogue_->id(product);
    if (partition_of(entry.product, tasks_) != task_) continue;
    const auto text = [&](ProductAttribute attribute) { return std::string(catalogue_->text(product, attribute)); };
    entry.facts = {text(ProductAttribute::kCategory), text(ProductAttribute::kDepartment),
                   text(ProductAttribute::kAudience), text(ProductAttribute::kBrand),
                   text(ProductAttribute::kColour),   product.list_price()};
    bytes_.clear();
    Encoder out(bytes_);
    entry.encode(out);
    const std::uint64_t hash = hash64(bytes_) | 1;
    if (told_[number] == hash) continue;
    told_[number] = hash;
    log += bytes_;
  }
}

}  // namespace nudge::rules
