// The orders of a folder, as customers and compositions: what proposals are made of and tried on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"
#include "engine/time.h"
#include "operators/segments/order_vectors.h"

namespace nudge::propose {

// What an order's lines are taken for. A product without a category stands for itself.
enum class ItemKind : std::uint8_t { kProduct, kCategory };
inline constexpr const char* kItemKinds[] = {"product", "category"};

struct Order {
  Millis time = 0;
  std::uint32_t customer = 0;  // a number
  segments::Composition items;
};

struct Orders {
  std::vector<Order> orders;                  // by time, then transaction id
  std::vector<std::string> customers, items;  // names by number
};

// Sales in their highest version that no cancel voids, of known customers. Bad records are passed over. kBadData where
// there is no order.
Result<Orders> read_orders(const std::string& folder, ItemKind kind);

}  // namespace nudge::propose
