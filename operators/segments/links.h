// Which customer segment buys which product segment in which kind of order more often than others do.
//
// A link is a cell of the table customer segment × (product segment in order segment): its lift is n · N over the sums
// of its row and its column. Whether it is more than chance says Pearson's χ² of the 2 × 2 table around it, divided by
// the design effect of orders, since lines of an order come together (Rao & Scott, 1984): the mean size of the order to
// which a line belongs. q-values over all cells that were tested are Benjamini & Hochberg's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "operators/segments/purchases.h"

namespace nudge::segments {

struct Link {
  std::int32_t customer = 0, product = 0, order = 0;  // numbers of segments
  std::int64_t n = 0;                                 // lines
  double expected = 0, lift = 0, p_value = 1, q_value = 1;
  std::vector<std::int64_t> weeks;  // lines by week, from the first week on
};

struct Links {
  std::int64_t first_week = 0, weeks = 0;
  std::int64_t orders = 0, lines = 0;
  double design_effect = 1;
  std::vector<Link> all;  // those that were tested, the least p-value first
};

// A cell of which fewer independent lines are expected is not tested.
inline constexpr double kExpectedLeast = 5;

// `product_segments`: where products are now; lines of others are left out.
Links links_of(const Purchases& purchases, const std::map<std::string, std::int32_t, std::less<>>& product_segments);

}  // namespace nudge::segments
