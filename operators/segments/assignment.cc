#include "operators/segments/assignment.h"

#include <algorithm>
#include <limits>

namespace nudge::segments {

std::vector<int> assign(const std::vector<std::vector<std::int64_t>>& gains) {
  const std::size_t rows = gains.size(), columns = rows == 0 ? 0 : gains.front().size();
  const std::size_t n = std::max(rows, columns);
  constexpr std::int64_t kInfinite = std::numeric_limits<std::int64_t>::max() / 4;
  const auto cost = [&](std::size_t row, std::size_t column) {
    return row < rows && column < columns ? -gains[row][column] : std::int64_t{0};
  };
  // Rows are taken in one after the other, each along the cheapest alternating path; counted from 1, 0 is none.
  std::vector<std::int64_t> row_potential(n + 1), column_potential(n + 1);
  std::vector<std::size_t> row_of(n + 1), before(n + 1);
  for (std::size_t row = 1; row <= n; ++row) {
    row_of[0] = row;
    std::size_t column = 0;
    std::vector<std::int64_t> slack(n + 1, kInfinite);
    std::vector<char> used(n + 1);
    do {
      used[column] = 1;
      const std::size_t current = row_of[column];
      std::int64_t step = kInfinite;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= n; ++j) {
        if (used[j]) continue;
        const std::int64_t reduced = cost(current - 1, j - 1) - row_potential[current] - column_potential[j];
        if (reduced < slack[j]) {
          slack[j] = reduced;
          before[j] = column;
        }
        if (slack[j] < step) {
          step = slack[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= n; ++j) {
        if (used[j]) {
          row_potential[row_of[j]] += step;
          column_potential[j] -= step;
        } else {
          slack[j] -= step;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    for (; column != 0; column = before[column]) row_of[column] = row_of[before[column]];
  }
  std::vector<int> column_of(rows, -1);
  for (std::size_t column = 1; column <= columns; ++column)
    if (row_of[column] != 0 && row_of[column] <= rows) column_of[row_of[column] - 1] = static_cast<int>(column) - 1;
  return column_of;
}

}  // namespace nudge::segments
