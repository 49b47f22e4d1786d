#include "operators/segments/order_vectors.h"

#include <cmath>

#include "engine/portable_math.h"

namespace nudge::segments {

OrderVectors::OrderVectors(std::span<const Composition> orders, std::vector<std::uint64_t> codes)
    : codes_(std::move(codes)), weights_(codes_.size()) {
  for (const Composition& order : orders)
    for (const std::uint32_t item : order) weights_[item] += 1;
  for (double& weight : weights_)
    if (weight > 0) weight = portable::log(static_cast<double>(orders.size()) / weight);
}

std::optional<OrderVector> OrderVectors::of(const Composition& order) const {
  std::array<double, kOrderDimensions> sum{};
  for (const std::uint32_t item : order) {
    if (item >= codes_.size()) continue;
    for (std::size_t j = 0; j < sum.size(); ++j)
      sum[j] += (codes_[item] >> j & 1) != 0 ? weights_[item] : -weights_[item];
  }
  double squares = 0;
  for (const double each : sum) squares += each * each;
  if (squares <= 0) return std::nullopt;
  OrderVector vector;
  for (std::size_t j = 0; j < sum.size(); ++j) vector[j] = static_cast<float>(sum[j] / std::sqrt(squares));
  return vector;
}

}  // namespace nudge::segments
