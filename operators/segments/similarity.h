// Who is most like whom: an exact scan over all rows, with weights that the query brings (they void any index).
//
// Rows are numbers in z, as floats, sixteen rows side by side, so that a processor works on several of them at once
// while each row's sum has one order: the same bits on every machine. 4 bytes a value. Not for threads that write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace nudge::segments {

struct Similar {
  std::size_t row = 0;
  float squared_distance = 0;  // the sum of weight · difference²
  bool operator==(const Similar&) const = default;
};

class SimilarityTable {
 public:
  explicit SimilarityTable(std::size_t features) : features_(features) {}

  // Rows are numbered from 0; a row that does not exist yet is made, with those before it. Values are finite.
  void set(std::size_t row, std::span<const float> z);
  void remove(std::size_t row);  // its number may be used again
  std::size_t features() const { return features_; }

  // The `most` nearest to the point, nearest first, of equally near ones the lower row. Weights are not negative.
  std::vector<Similar> nearest(std::span<const float> z, std::span<const float> weights, std::size_t most) const;
  // What each feature adds to the squared distance: the smaller, the more alike.
  std::vector<double> contributions(std::size_t row, std::span<const float> z, std::span<const float> weights) const;

  std::size_t memory_bytes() const { return blocks_ * block_values() * sizeof(float); }

 private:
  static constexpr std::size_t kLanes = 16;
  struct Free {
    void operator()(float* values) const;
  };
  std::size_t block_values() const { return kLanes * features_; }
  float& value(std::size_t row, std::size_t feature) const {
    return values_.get()[(row / kLanes * features_ + feature) * kLanes + row % kLanes];
  }
  void grow(std::size_t blocks);

  std::size_t features_;
  std::size_t blocks_ = 0, room_ = 0;  // in blocks
  std::unique_ptr<float[], Free> values_;
};

}  // namespace nudge::segments
