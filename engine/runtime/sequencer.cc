#include "engine/runtime/sequencer.h"

#include <algorithm>

namespace nudge::runtime {

Sequencer::Sequencer(Millis disorder, std::chrono::milliseconds merge_wait, const Cut& last)
    : disorder_(disorder), merge_wait_(merge_wait), round_(last.round), watermark_(last.watermark) {}

std::optional<Cut> Sequencer::next(std::span<const Input> inputs, Time now) {
  if (arrivals_.size() != inputs.size()) arrivals_.assign(inputs.size(), {0, now});
  std::optional<OrderKey> bound, newest, first;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Input& input = inputs[i];
    if (input.next != arrivals_[i].next) arrivals_[i] = {input.next, now};
    if (input.first) first = std::min(first.value_or(*input.first), *input.first);
    if (input.newest) newest = std::max(newest.value_or(*input.newest), *input.newest);
    if (!input.behind || now - arrivals_[i].at >= merge_wait_) continue;
    const OrderKey least = input.newest.value_or(OrderKey{});
    bound = std::min(bound.value_or(least), least);
  }
  if (!first) return std::nullopt;
  if (!bound) bound = newest;
  if (*bound < *first) return std::nullopt;
  Cut cut;
  cut.round = ++round_;
  cut.bound = *bound;
  if (bound->seen != kBeforeAll) watermark_ = std::max(watermark_, std::max<Millis>(bound->seen - disorder_, 0));
  cut.watermark = watermark_;
  for (const Input& input : inputs) cut.horizons.push_back(input.next);
  return cut;
}

}  // namespace nudge::runtime
