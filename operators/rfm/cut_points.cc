#include "operators/rfm/cut_points.h"

#include <algorithm>

namespace nudge::rfm {
namespace {

template <typename Number>
std::uint8_t class_of(const std::array<Number, kCuts>& cuts, Number value) {
  return static_cast<std::uint8_t>(1 + (std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin()));
}

}  // namespace

Classes CutPoints::classes_of(const Standing& standing) const {
  return {class_of(last_order_at, standing.last_order_at), class_of(orders, static_cast<std::int64_t>(standing.orders)),
          class_of(net, standing.net)};
}

void CutPoints::encode(Encoder& out) const {
  for (const Millis cut : last_order_at) out.zigzag(cut);
  for (const std::int64_t cut : orders) out.zigzag(cut);
  for (const Nano cut : net) out.zigzag128(cut);
}

std::optional<CutPoints> CutPoints::decode(std::string_view bytes) {
  Decoder in(bytes);
  CutPoints points;
  for (Millis& cut : points.last_order_at) cut = in.zigzag();
  for (std::int64_t& cut : points.orders) cut = in.zigzag();
  for (Nano& cut : points.net) cut = in.zigzag128();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return points;
}

}  // namespace nudge::rfm
