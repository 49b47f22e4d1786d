#include "tools/nudge/evaluate/qini.h"

#include <algorithm>

#include "engine/check.h"

namespace nudge::evaluate {
namespace {

// Rows from the first on.
struct Sums {
  double rows[2] = {0, 0}, labels[2] = {0, 0};  // untreated, treated

  double size() const { return rows[0] + rows[1]; }
  double gain() const { return rows[0] == 0 ? labels[1] : labels[1] - labels[0] * rows[1] / rows[0]; }
};

// The area under a line through points.
class Area {
 public:
  void add(const Sums& point) {
    sum_ += (point.size() - at_) * (point.gain() + height_) / 2;
    at_ = point.size();
    height_ = point.gain();
  }
  double sum() const { return sum_; }
  double of_chance() const { return at_ * height_ / 2; }

 private:
  double at_ = 0, height_ = 0, sum_ = 0;
};

// Of the order: treated and true, then whoever has the same answer either way, then untreated and true.
double best_area(const Sums& all) {
  Sums sums;
  Area area;
  sums.rows[1] = sums.labels[1] = all.labels[1];
  if (sums.size() > 0) area.add(sums);
  sums.rows[1] = all.rows[1];
  sums.rows[0] = all.rows[0] - all.labels[0];
  area.add(sums);
  area.add(all);
  return area.sum() - area.of_chance();
}

}  // namespace

Qini::Qini(std::span<const UpliftRow> rows) {
  std::vector<std::uint32_t> order(rows.size());
  for (std::uint32_t row = 0; row < rows.size(); ++row) order[row] = row;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return rows[a].uplift > rows[b].uplift; });
  for (std::size_t place = 0; place < order.size(); ++place) {
    const UpliftRow& row = rows[order[place]];
    const bool is_last = place + 1 == order.size() || rows[order[place + 1]].uplift != row.uplift;
    rows_.push_back({order[place], row.label, row.treated, is_last});
  }
}

std::optional<double> Qini::area(std::span<const std::uint8_t> counts) const {
  NUDGE_CHECK(counts.empty() || counts.size() == rows_.size(), "a count for each row");
  Sums sums;
  Area area;
  for (const Placed& row : rows_) {
    const double count = counts.empty() ? 1 : counts[row.row];
    sums.rows[row.treated] += count;
    if (row.label) sums.labels[row.treated] += count;
    if (row.is_last) area.add(sums);
  }
  if (sums.rows[0] == 0 || sums.rows[1] == 0) return std::nullopt;
  const double best = best_area(sums);
  if (!(best > 0)) return std::nullopt;
  return (area.sum() - area.of_chance()) / best;
}

}  // namespace nudge::evaluate
