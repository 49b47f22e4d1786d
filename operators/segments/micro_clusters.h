// All entities of a segmentation, as some thousands of small groups: the cells of a grid over the transformed features.
//
// A cell is a function of the entity alone, so no order of arrival shows, and entities leave exactly where they came
// in. A cell's width is a power of two in each feature; where cells become too many, the global part doubles widths,
// and neighbouring cells join without loss. Unknown is a place of its own.
//
// The same class holds changes: then groups may have negative counts.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <span>
#include <vector>

#include "operators/segments/cluster_feature.h"

namespace nudge::segments {

// The width of cells in each feature, as a power of two of Fixed.
using GridShifts = std::vector<std::uint8_t>;
inline constexpr std::uint8_t kShiftMost = 52;  // one cell on either side of 0

class MicroClusters {
 public:
  MicroClusters() = default;
  explicit MicroClusters(GridShifts shifts) : shifts_(std::move(shifts)) {}

  void add(const Point& point) { change(point, 1); }
  void remove(const Point& point) { change(point, -1); }
  // Widths become the wider ones of both.
  void merge(const MicroClusters& other);
  void coarsen(const GridShifts& shifts);  // where they are wider

  std::size_t features() const { return shifts_.size(); }
  const GridShifts& shifts() const { return shifts_; }
  std::size_t size() const { return groups_.size(); }
  // Whether at most `most` groups would be left in a grid as wide.
  bool fits(const GridShifts& shifts, std::size_t most) const;
  ClusterFeature total() const;
  // In the order of their cells.
  std::vector<const ClusterFeature*> groups() const;
  // The same groups in parts of at most `most`.
  std::vector<MicroClusters> parts(std::size_t most) const;
  std::size_t memory_bytes() const;
  void clear() { groups_.clear(); }

  void encode(Encoder& out) const;
  // False where the bytes are none that encode() wrote.
  bool decode(Decoder& in);
  bool operator==(const MicroClusters& other) const { return shifts_ == other.shifts_ && groups_ == other.groups_; }

 private:
  using Cell = absl::InlinedVector<std::int64_t, 6>;
  void change(const Point& point, int sign);
  void merge_group(const Cell& cell, const ClusterFeature& group);
  std::vector<const std::pair<const Cell, ClusterFeature>*> in_order() const;

  GridShifts shifts_;
  absl::flat_hash_map<Cell, ClusterFeature> groups_;  // never one that is zero
  Cell cell_;                                         // of the point under way
};

// Widens cells, the narrowest in deviations first, until at most `most` are left. `sd` are those of the features.
void limit(MicroClusters& clusters, std::span<const double> sd, std::size_t most);

}  // namespace nudge::segments
