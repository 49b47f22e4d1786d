#include "operators/segments/links.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "engine/portable_math.h"

namespace nudge::segments {
namespace {

// Twice the upper tail of the normal distribution.
double two_sided(double z) { return portable::erfc(std::abs(z) / std::sqrt(2.0)); }

// Benjamini & Hochberg (1995), of links by rising p-value.
void set_q_values(std::vector<Link>& links) {
  double least = 1;
  for (std::size_t rank = links.size(); rank > 0; --rank) {
    Link& link = links[rank - 1];
    least = std::min(least, link.p_value * static_cast<double>(links.size()) / static_cast<double>(rank));
    link.q_value = least;
  }
}

double design_effect_of(const std::map<std::int64_t, OrderSizes>& sizes) {
  OrderSizes sum;
  for (const auto& [week, each] : sizes) {
    sum.lines += each.lines;
    sum.squares += each.squares;
  }
  return sum.lines > 0 ? std::max(1.0, static_cast<double>(sum.squares) / static_cast<double>(sum.lines)) : 1;
}

}  // namespace

Links links_of(const Purchases& purchases, const std::map<std::string, std::int32_t, std::less<>>& product_segments) {
  Links links;
  if (purchases.sizes().empty()) return links;
  links.first_week = purchases.sizes().begin()->first;
  links.weeks = purchases.sizes().rbegin()->first - links.first_week + 1;
  for (const auto& [week, sizes] : purchases.sizes()) links.orders += sizes.orders;
  links.design_effect = design_effect_of(purchases.sizes());
  std::map<std::tuple<std::int32_t, std::int32_t, std::int32_t>, Link> cells;
  std::map<std::int32_t, std::int64_t> rows;
  std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> columns;
  for (const auto& [product, counts] : purchases.by_product()) {
    const auto segment = product_segments.find(product);
    if (segment == product_segments.end()) continue;
    for (const auto& [circumstance, n] : counts) {
      const std::int64_t week = circumstance.week - links.first_week;
      if (week < 0 || week >= links.weeks) continue;
      Link& link = cells[{circumstance.customer, segment->second, circumstance.order}];
      link.weeks.resize(static_cast<std::size_t>(links.weeks));
      link.weeks[static_cast<std::size_t>(week)] += n;
      link.n += n;
      rows[circumstance.customer] += n;
      columns[{segment->second, circumstance.order}] += n;
      links.lines += n;
    }
  }
  const double all = static_cast<double>(links.lines);
  for (auto& [key, link] : cells) {
    std::tie(link.customer, link.product, link.order) = key;
    const double row = static_cast<double>(rows[link.customer]);
    const double column = static_cast<double>(columns[{link.product, link.order}]);
    link.expected = row * column / all;
    if (link.expected < kExpectedLeast * links.design_effect || row >= all || column >= all) continue;
    link.lift = static_cast<double>(link.n) / link.expected;
    const double away = static_cast<double>(link.n) - link.expected;
    const double variance = link.expected * (1 - row / all) * (1 - column / all) * links.design_effect;
    link.p_value = two_sided(away / std::sqrt(variance));
    links.all.push_back(std::move(link));
  }
  std::stable_sort(links.all.begin(), links.all.end(),
                   [](const Link& a, const Link& b) { return a.p_value < b.p_value; });
  set_q_values(links.all);
  return links;
}

}  // namespace nudge::segments
