#include "operators/rules/line_items.h"

#include "operators/rules/sale_reader.h"

namespace nudge::rules {

Values LineItems::values_of(const LineItem& line) const {
  Values values;
  const auto set = [&](Attribute attribute, std::string_view value) {
    values[static_cast<std::size_t>(attribute)] = value;
  };
  set(Attribute::kProductId, line.product_id);
  set(Attribute::kDiscountLevel, name_of(discount_level(line)));
  const ProductCatalog::Product* known =
      catalogue_ ? catalogue_->find(ProductCatalog::key_of(line.product_id)) : nullptr;
  if (!known) return values;
  set(Attribute::kCategory, catalogue_->text(*known, ProductAttribute::kCategory));
  set(Attribute::kDepartment, catalogue_->text(*known, ProductAttribute::kDepartment));
  set(Attribute::kAudience, catalogue_->text(*known, ProductAttribute::kAudience));
  set(Attribute::kBrand, catalogue_->text(*known, ProductAttribute::kBrand));
  set(Attribute::kColour, catalogue_->text(*known, ProductAttribute::kColour));
  if (known->list_price()) set(Attribute::kPriceLevel, price_levels_.of(*known->list_price()));
  return values;
}

}  // namespace nudge::rules
