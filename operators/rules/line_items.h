// The items of a transaction as a keyed task sees them: with what its products are known to be at that moment.
#pragma once

#include <string>
#include <vector>

#include "engine/event.h"
#include "engine/product_catalog.h"
#include "operators/rules/templates.h"

namespace nudge::rules {

class LineItems {
 public:
  // `catalogue` may be null: nothing is known but a product's id. It outlives this.
  LineItems(std::vector<Template> templates, PriceLevels price_levels, const ProductCatalog* catalogue)
      : templates_(std::move(templates)), price_levels_(std::move(price_levels)), catalogue_(catalogue) {}

  // visit(text) for each item that the line has; the text is valid until it returns.
  template <typename Visit>
  void for_each(const LineItem& line, Visit visit) {
    const Values values = values_of(line);
    for (const Template& each : templates_)
      if (each.render(values, text_)) visit(std::string_view(text_));
  }

 private:
  Values values_of(const LineItem& line) const;

  std::vector<Template> templates_;
  PriceLevels price_levels_;
  const ProductCatalog* catalogue_;
  std::string text_;
};

}  // namespace nudge::rules
