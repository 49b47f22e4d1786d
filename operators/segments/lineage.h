// What became of the segments from one version to the next, by the members that they share (Spiliopoulou et al., MONIC,
// KDD 2006): who survives keeps its id.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace nudge::segments {

enum class Fate : std::uint8_t { kSurvive, kSplit, kMerge, kNew, kGone };
inline constexpr std::string_view kFateNames[] = {"survive", "split", "merge", "new", "gone"};

// survive: `from` goes on as `to`. split: `to` is made of a part of `from`. merge: `from` is now within `to`.
// new: `to` comes from no one segment. gone: the members of `from` are scattered. −1: none.
struct Change {
  Fate fate = Fate::kSurvive;
  int from = -1, to = -1;
  bool operator==(const Change&) const = default;
};

struct Lineage {
  std::vector<int> ancestor;    // of each new segment the old one that goes on as it, or −1
  std::vector<Change> changes;  // new segments first, then what became of old ones that did not survive
};

// `shared[old][new]` members. A pair that shares most in all goes on where it is at least half of the one or of the
// other.
Lineage trace(const std::vector<std::vector<std::int64_t>>& shared, std::size_t segments_now);

}  // namespace nudge::segments
