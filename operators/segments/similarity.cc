#include "operators/segments/similarity.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "engine/check.h"

namespace nudge::segments {
namespace {

// Four floats in one register of any 64-bit x86 or ARM.
using Quad = float __attribute__((vector_size(16)));
constexpr std::align_val_t kAlignment{64};
// Far from everything: a row that is not in use.
constexpr float kNobody = std::numeric_limits<float>::quiet_NaN();

bool is_nearer(const Similar& a, const Similar& b) {
  return a.squared_distance != b.squared_distance ? a.squared_distance < b.squared_distance : a.row < b.row;
}

Quad all(float value) { return Quad{value, value, value, value}; }

}  // namespace

void SimilarityTable::Free::operator()(float* values) const { ::operator delete[](values, kAlignment); }

void SimilarityTable::grow(std::size_t blocks) {
  if (blocks > room_) {
    room_ = std::max(blocks, 2 * room_);
    const std::size_t bytes = room_ * block_values() * sizeof(float);
    std::unique_ptr<float[], Free> larger(static_cast<float*>(::operator new[](bytes, kAlignment)));
    if (blocks_ > 0) std::memcpy(larger.get(), values_.get(), memory_bytes());
    values_ = std::move(larger);
  }
  std::fill(values_.get() + blocks_ * block_values(), values_.get() + blocks * block_values(), kNobody);
  blocks_ = blocks;
}

void SimilarityTable::set(std::size_t row, std::span<const float> z) {
  NUDGE_CHECK(z.size() == features_, "a row of this table");
  if (row / kLanes >= blocks_) grow(row / kLanes + 1);
  for (std::size_t j = 0; j < features_; ++j) value(row, j) = z[j];
}

void SimilarityTable::remove(std::size_t row) {
  for (std::size_t j = 0; j < features_; ++j) value(row, j) = kNobody;
}

std::vector<Similar> SimilarityTable::nearest(std::span<const float> z, std::span<const float> weights,
                                              std::size_t most) const {
  NUDGE_CHECK(z.size() == features_ && weights.size() == features_, "a query of this table");
  std::vector<Similar> found;  // a heap, the farthest on top
  if (most == 0) return found;
  float farthest = std::numeric_limits<float>::infinity();
  for (std::size_t block = 0; block < blocks_; ++block) {
    const float* values = values_.get() + block * block_values();
    Quad sums[4] = {};
    for (std::size_t j = 0; j < features_; ++j, values += kLanes) {
      const Quad middle = all(z[j]), weight = all(weights[j]);
      for (std::size_t part = 0; part < 4; ++part) {
        Quad away;
        std::memcpy(&away, values + 4 * part, sizeof away);
        away -= middle;
        sums[part] += weight * (away * away);
      }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float distance = sums[lane / 4][lane % 4];
      // The first rows fill the answer; later ones must be nearer, for their numbers are higher.
      if (!(found.size() < most ? distance == distance : distance < farthest)) continue;
      if (found.size() == most) {
        std::pop_heap(found.begin(), found.end(), is_nearer);
        found.pop_back();
      }
      found.push_back({block * kLanes + lane, distance});
      std::push_heap(found.begin(), found.end(), is_nearer);
      farthest = found.front().squared_distance;
    }
  }
  std::sort_heap(found.begin(), found.end(), is_nearer);
  return found;
}

std::vector<double> SimilarityTable::contributions(std::size_t row, std::span<const float> z,
                                                   std::span<const float> weights) const {
  std::vector<double> contributions;
  for (std::size_t j = 0; j < features_; ++j) {
    const double away = static_cast<double>(value(row, j)) - z[j];
    contributions.push_back(weights[j] * away * away);
  }
  return contributions;
}

}  // namespace nudge::segments
