#include "operators/segments/shipped.h"

#include <array>

namespace nudge::segments {
namespace {

constexpr std::string_view kValueFeatures[] = {"recency_days", "orders", "mean_order_value", "interval_mean_days"};
constexpr std::string_view kMotiveFeatures[] = {"discount_share", "list_price_share", "new_share"};
constexpr std::string_view kGoodsFeatures[] = {"price", "margin_share", "pace", "discount_share", "novelty_days"};
constexpr std::string_view kOrderFeatures[] = {"value", "items", "categories", "discount_share", "online", "hour"};

constexpr Shipped kShipped[] = {
    {"value", "customers", "how recently, how often and how regularly customers order, and for how much",
     kValueFeatures, 8},
    {"motive", "customers", "who buys for the discount, and who what is new, at list price", kMotiveFeatures, 0},
    {"goods", "products", "what a product costs and earns, how fast it sells, at which discount, and how new it is",
     kGoodsFeatures, 0},
    {"orders", "transactions", "how large and how mixed an order is, at which discount, by which channel and when",
     kOrderFeatures, 0},
};

constexpr auto kNames = [] {
  std::array<std::string_view, std::size(kShipped)> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kShipped[i].name;
  return names;
}();

}  // namespace

std::span<const Shipped> shipped() { return kShipped; }
std::span<const std::string_view> shipped_names() { return kNames; }

const Shipped* find_shipped(std::string_view name) {
  for (const Shipped& each : kShipped)
    if (each.name == name) return &each;
  return nullptr;
}

}  // namespace nudge::segments
