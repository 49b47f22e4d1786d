#include "operators/recommendations/margins.h"

namespace nudge::recommendations {

void Margins::add(Millis time, std::string_view product, Nano margin, int sign) {
  auto& pane = panes_[time / pane_length_];
  auto found = pane.find(product);
  if (found == pane.end()) found = pane.emplace(product, Earned{}).first;
  found->second.margin += sign * margin;
  found->second.sales += sign;
  if (found->second.sales == 0 && found->second.margin == 0) pane.erase(found);
}

void Margins::forget_before(Millis time) { panes_.erase(panes_.begin(), panes_.lower_bound(time / pane_length_)); }

std::map<std::string_view, Earned> Margins::sums() const {
  std::map<std::string_view, Earned> sums;
  for (const auto& [number, pane] : panes_) {
    for (const auto& [product, earned] : pane) {
      Earned& sum = sums[product];
      sum.margin += earned.margin;
      sum.sales += earned.sales;
    }
  }
  return sums;
}

void Margins::encode(Encoder& out) const {
  out.varint(panes_.size());
  for (const auto& [number, pane] : panes_) {
    out.zigzag(number);
    out.varint(pane.size());
    for (const auto& [product, earned] : pane) {
      out.text(product);
      out.zigzag128(earned.margin);
      out.zigzag(earned.sales);
    }
  }
}

void Margins::decode(Decoder& in) {
  panes_.clear();
  for (std::size_t left = in.count(2); left > 0 && in.ok(); --left) {
    auto& pane = panes_[in.zigzag()];
    for (std::size_t products = in.count(3); products > 0 && in.ok(); --products) {
      Earned& earned = pane[std::string(in.text())];
      earned.margin = in.zigzag128();
      earned.sales = in.zigzag();
    }
  }
}

}  // namespace nudge::recommendations
