// The keyed part: keeps every customer's place in the micro-clusters and tells when its segment changes.
#pragma once

#include <memory>

#include "operators/segments/settings.h"

namespace nudge::segments {

// `products`: null where no segmentation asks for categories.
std::unique_ptr<KeyedOperator> make_keyed(Settings settings, const ColumnCatalog& columns,
                                          const ProductCatalog* products = nullptr);

}  // namespace nudge::segments
