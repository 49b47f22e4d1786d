#include "operators/segments/micro_clusters.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>

#include "engine/check.h"
#include "operators/segments/feature_space.h"

namespace nudge::segments {
namespace {

std::int64_t cell_of(std::int64_t y, std::uint8_t shift) { return y == kUnknown ? kUnknown : y >> shift; }

}  // namespace

void MicroClusters::change(const Point& point, int sign) {
  cell_.resize(shifts_.size());
  for (std::size_t j = 0; j < shifts_.size(); ++j) cell_[j] = cell_of(point.y[j], shifts_[j]);
  const auto found = groups_.try_emplace(cell_, shifts_.size()).first;
  if (sign > 0)
    found->second.add(point);
  else
    found->second.remove(point);
  if (found->second.count() == 0 && found->second.is_zero()) groups_.erase(found);
}

void MicroClusters::merge_group(const Cell& cell, const ClusterFeature& group) {
  const auto found = groups_.try_emplace(cell, shifts_.size()).first;
  found->second.merge(group);
  if (found->second.count() == 0 && found->second.is_zero()) groups_.erase(found);
}

void MicroClusters::merge(const MicroClusters& other) {
  coarsen(other.shifts_);
  Cell cell;
  for (const auto& [narrow, group] : other.groups_) {
    cell = narrow;
    for (std::size_t j = 0; j < cell.size(); ++j)
      cell[j] = cell_of(cell[j], static_cast<std::uint8_t>(shifts_[j] - other.shifts_[j]));
    merge_group(cell, group);
  }
}

void MicroClusters::coarsen(const GridShifts& shifts) {
  NUDGE_CHECK(shifts.size() == shifts_.size(), "grids of one space");
  GridShifts by(shifts_.size());
  for (std::size_t j = 0; j < by.size(); ++j)
    by[j] = static_cast<std::uint8_t>(std::max(shifts[j], shifts_[j]) - shifts_[j]);
  if (std::all_of(by.begin(), by.end(), [](std::uint8_t each) { return each == 0; })) return;
  const auto narrow = std::move(groups_);
  groups_ = {};
  for (std::size_t j = 0; j < by.size(); ++j) shifts_[j] = static_cast<std::uint8_t>(shifts_[j] + by[j]);
  Cell wide;
  for (const auto& [cell, group] : narrow) {
    wide = cell;
    for (std::size_t j = 0; j < wide.size(); ++j) wide[j] = cell_of(wide[j], by[j]);
    merge_group(wide, group);
  }
}

ClusterFeature MicroClusters::total() const {
  ClusterFeature total(shifts_.size());
  for (const auto& [cell, group] : groups_) total.merge(group);
  return total;
}

std::vector<const std::pair<const MicroClusters::Cell, ClusterFeature>*> MicroClusters::in_order() const {
  std::vector<const std::pair<const Cell, ClusterFeature>*> ordered;
  ordered.reserve(groups_.size());
  for (const auto& each : groups_) ordered.push_back(&each);
  std::sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  return ordered;
}

std::vector<const ClusterFeature*> MicroClusters::groups() const {
  std::vector<const ClusterFeature*> groups;
  for (const auto* each : in_order()) groups.push_back(&each->second);
  return groups;
}

std::vector<MicroClusters> MicroClusters::parts(std::size_t most) const {
  std::vector<MicroClusters> parts;
  for (const auto* each : in_order()) {
    if (parts.empty() || parts.back().size() == most) parts.emplace_back(shifts_);
    parts.back().groups_.insert(*each);
  }
  return parts;
}

std::size_t MicroClusters::memory_bytes() const {
  const std::size_t beyond = features() > 4 ? (features() - 4) * sizeof(ClusterFeature::Axis) : 0;
  return groups_.capacity() * (sizeof(Cell) + sizeof(ClusterFeature) + 1) + groups_.size() * beyond;
}

void MicroClusters::encode(Encoder& out) const {
  out.varint(shifts_.size());
  for (const std::uint8_t shift : shifts_) out.byte(shift);
  out.varint(groups_.size());
  for (const auto* each : in_order()) {
    for (const std::int64_t place : each->first) out.zigzag(place);
    each->second.encode(out);
  }
}

bool MicroClusters::decode(Decoder& in) {
  shifts_.resize(in.count());
  for (std::uint8_t& shift : shifts_) shift = in.byte();
  groups_.clear();
  Cell cell(shifts_.size());
  for (std::size_t left = in.count(5); left > 0 && in.ok(); --left) {
    for (std::int64_t& place : cell) place = in.zigzag();
    ClusterFeature group;
    if (!group.decode(in) || group.axes().size() != shifts_.size()) return false;
    groups_.insert_or_assign(cell, std::move(group));
  }
  return in.ok() && shifts_.size() <= kFeaturesMax &&
         std::all_of(shifts_.begin(), shifts_.end(), [](std::uint8_t shift) { return shift <= kShiftMost; });
}

bool MicroClusters::fits(const GridShifts& shifts, std::size_t most) const {
  if (groups_.size() <= most) return true;
  absl::flat_hash_set<Cell> cells;
  cells.reserve(most + 1);
  Cell wide(shifts_.size());
  for (const auto& [cell, group] : groups_) {
    for (std::size_t j = 0; j < wide.size(); ++j)
      wide[j] = cell_of(cell[j], static_cast<std::uint8_t>(std::max(shifts[j], shifts_[j]) - shifts_[j]));
    cells.insert(wide);
    if (cells.size() > most) return false;
  }
  return true;
}

namespace {

// The grids that follow from doubling the narrowest width, in deviations, again and again.
class Widening {
 public:
  Widening(GridShifts shifts, std::span<const double> sd) : sd_(sd) { grids_.push_back(std::move(shifts)); }

  // The grid after so many steps, or after the last that there is.
  const GridShifts& after(std::size_t steps) {
    while (grids_.size() <= steps && widen()) {
    }
    return grids_[std::min(steps, grids_.size() - 1)];
  }
  bool ends_at(std::size_t steps) {
    after(steps);
    return grids_.size() <= steps;
  }

 private:
  bool widen() {
    GridShifts shifts = grids_.back();
    std::size_t narrowest = shifts.size();
    double least = 0;
    for (std::size_t j = 0; j < shifts.size(); ++j) {
      if (shifts[j] >= kShiftMost) continue;
      const double width = static_cast<double>(std::int64_t{1} << shifts[j]) / (1 << kFractionBits) / sd_[j];
      if (narrowest == shifts.size() || width < least) {
        narrowest = j;
        least = width;
      }
    }
    if (narrowest == shifts.size()) return false;
    ++shifts[narrowest];
    grids_.push_back(std::move(shifts));
    return true;
  }

  std::span<const double> sd_;
  std::vector<GridShifts> grids_;
};

}  // namespace

void limit(MicroClusters& clusters, std::span<const double> sd, std::size_t most) {
  if (clusters.size() <= most) return;
  Widening widening(clusters.shifts(), sd);
  // Each grid lies within those after it, so cells only become fewer. A look at a grid with too many ends early.
  std::size_t too_narrow = 0, enough = 1;
  while (!clusters.fits(widening.after(enough), most) && !widening.ends_at(enough)) {
    too_narrow = enough;
    enough *= 2;
  }
  while (enough - too_narrow > 1) {
    const std::size_t middle = too_narrow + (enough - too_narrow) / 2;
    (clusters.fits(widening.after(middle), most) ? enough : too_narrow) = middle;
  }
  clusters.coarsen(widening.after(enough));
}

}  // namespace nudge::segments
