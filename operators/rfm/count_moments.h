// How many repeat orders a group of customers has: their number, mean and deviation, as integer sums; and the points
// that stand for them where a likelihood is summed.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/decimal.h"

namespace nudge::rfm {

// Weights need not be whole.
struct WeightedCount {
  double x = 0, weight = 0;
};

struct CountMoments {
  std::int64_t customers = 0, x = 0;
  Int128 x_x = 0;

  void add(const CountMoments& other) {
    customers += other.customers;
    x += other.x;
    x_x += other.x_x;
  }
  // One point where all have the same number, else two with the same mean and deviation.
  void append_to(std::vector<WeightedCount>& points) const {
    if (customers == 0) return;
    const auto n = static_cast<double>(customers);
    const double mean = static_cast<double>(x) / n;
    const Int128 spread = customers * x_x - static_cast<Int128>(x) * x;
    if (spread == 0) return points.push_back({mean, n});
    const double deviation = std::sqrt(static_cast<double>(spread)) / n;
    points.push_back({mean - deviation, n / 2});
    points.push_back({mean + deviation, n / 2});
  }
  bool operator==(const CountMoments&) const = default;
};

}  // namespace nudge::rfm
