#include "operators/segments/lineage.h"

#include <algorithm>
#include <numeric>

#include "operators/segments/assignment.h"

namespace nudge::segments {
namespace {

bool is_half(std::int64_t part, std::int64_t whole) { return part > 0 && 2 * part >= whole; }

}  // namespace

Lineage trace(const std::vector<std::vector<std::int64_t>>& shared, std::size_t segments_now) {
  Lineage lineage;
  lineage.ancestor.assign(segments_now, -1);
  std::vector<std::int64_t> before, now(segments_now);
  for (const auto& row : shared) {
    before.push_back(std::accumulate(row.begin(), row.end(), std::int64_t{0}));
    for (std::size_t j = 0; j < segments_now; ++j) now[j] += row[j];
  }
  const std::vector<int> matched = assign(shared);
  std::vector<char> survives(shared.size());
  for (std::size_t i = 0; i < matched.size(); ++i) {
    if (matched[i] < 0) continue;
    const auto j = static_cast<std::size_t>(matched[i]);
    if (!is_half(shared[i][j], before[i]) && !is_half(shared[i][j], now[j])) continue;
    lineage.ancestor[j] = static_cast<int>(i);
    survives[i] = 1;
  }
  for (std::size_t j = 0; j < segments_now; ++j) {
    const int to = static_cast<int>(j);
    if (lineage.ancestor[j] >= 0) {
      lineage.changes.push_back({Fate::kSurvive, lineage.ancestor[j], to});
      continue;
    }
    int source = -1;
    for (std::size_t i = 0; i < shared.size(); ++i)
      if (is_half(shared[i][j], now[j])) source = static_cast<int>(i);
    lineage.changes.push_back({source >= 0 ? Fate::kSplit : Fate::kNew, source, to});
  }
  for (std::size_t i = 0; i < shared.size(); ++i) {
    if (survives[i]) continue;
    const auto most = std::max_element(shared[i].begin(), shared[i].end());
    const bool within = most != shared[i].end() && is_half(*most, before[i]);
    lineage.changes.push_back({within ? Fate::kMerge : Fate::kGone, static_cast<int>(i),
                               within ? static_cast<int>(most - shared[i].begin()) : -1});
  }
  return lineage;
}

}  // namespace nudge::segments
