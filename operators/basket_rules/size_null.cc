#include "operators/basket_rules/size_null.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace nudge::basket_rules {
namespace {

// Margins are met to this, relative; where a basket has everything, or an item is everywhere, weights grow without end.
constexpr double kClose = 1e-7, kWeightMost = 1e9;
constexpr int kRounds = 200;

double probability(double x, double y) { return x * y / (1 + x * y); }

}  // namespace

SizeNull::SizeNull(std::span<const std::uint32_t> sizes, std::span<const std::uint32_t> counts) {
  std::map<std::uint32_t, double> items_by_count;
  double total = 0;
  for (const std::uint32_t count : counts) {
    if (count > 0) ++items_by_count[count];
    total += count;
  }
  for (std::size_t size = 1; size < sizes.size(); ++size)
    if (sizes[size] > 0) {
      const auto value = static_cast<double>(size);
      sizes_.push_back({value, static_cast<double>(sizes[size]), value / std::sqrt(total), 0});
    }
  std::map<std::uint32_t, std::uint32_t> places;
  for (const auto& [count, number] : items_by_count) {
    const auto value = static_cast<double>(count);
    places[count] = static_cast<std::uint32_t>(counts_.size());
    counts_.push_back({value, number, value / std::sqrt(total), 0});
  }
  for (const std::uint32_t count : counts) group_of_.push_back(count > 0 ? places[count] : 0);
  fit();
}

// Each weight in turn is set so that its margin is met by the others (iterative proportional fitting).
void SizeNull::fit() {
  const auto adjust = [](std::vector<Group>& own, const std::vector<Group>& others) {
    double worst = 0;
    for (Group& group : own) {
      double sum = 0;
      for (const Group& other : others) sum += other.number * probability(group.weight, other.weight);
      if (sum <= 0) continue;
      const double change = group.value / sum;
      const double weight = std::min(group.weight * change, kWeightMost);
      if (weight < kWeightMost) worst = std::max(worst, std::abs(change - 1));
      group.weight = weight;
    }
    return worst;
  };
  for (int round = 0; round < kRounds; ++round) {
    const double by_size = adjust(sizes_, counts_);
    if (std::max(by_size, adjust(counts_, sizes_)) < kClose) break;
  }
  for (Group& size : sizes_)
    for (const Group& count : counts_) {
      const double p = probability(count.weight, size.weight);
      size.spread += count.number * p * (1 - p);
    }
}

double SizeNull::expected(std::span<const Item> items) const {
  double expected = 0;
  const auto length = static_cast<double>(items.size());
  for (const Group& size : sizes_) {
    if (size.value < length) continue;
    double all = size.number, absent = 0, absent_squares = 0;
    for (const Item item : items) {
      if (item >= group_of_.size()) return 0;
      const double p = probability(counts_[group_of_[item]].weight, size.weight);
      all *= p;
      absent += 1 - p;
      absent_squares += (1 - p) * (1 - p);
    }
    if (items.size() > 1 && size.spread > 0) {
      // The mean of (1 − p_i)(1 − p_j) over all pairs.
      const double pairs = (absent * absent - absent_squares) / (length * (length - 1));
      for (double others = 1; others < length; ++others) all *= std::max(0.0, 1 - others * pairs / size.spread);
    }
    expected += all;
  }
  return expected;
}

}  // namespace nudge::basket_rules
