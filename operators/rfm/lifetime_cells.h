// All that the lifetime models are fitted to, in cells. A task keeps those of its customers and hands them out at the
// end of an epoch.
#pragma once

#include <optional>

#include "operators/rfm/purchase_cells.h"
#include "operators/rfm/value_cells.h"

namespace nudge::rfm {

struct LifetimeCells {
  PurchaseCells purchases;
  ValueCells values;

  // A customer's purchases change; nothing means no order.
  void replace(const std::optional<Purchases>& before, const std::optional<Purchases>& after) {
    if (before == after) return;
    for (const auto& [known, sign] : {std::pair(before, -1), std::pair(after, +1)}) {
      if (!known) continue;
      purchases.add(*known, sign);
      values.add(*known, sign);
    }
  }
  void merge(const LifetimeCells& other) {
    purchases.merge(other.purchases);
    values.merge(other.values);
  }

  void encode(Encoder& out) const {
    purchases.encode(out);
    values.encode(out);
  }
  // Into an empty object. False where the bytes are none that encode() wrote.
  bool decode(Decoder& in) { return purchases.decode(in) && values.decode(in); }
  bool operator==(const LifetimeCells&) const = default;
};

}  // namespace nudge::rfm
