// Whether features are distributed as when the model was fitted: the population stability index, Σ (a − e) ln (a / e)
// over bins.
//
// The bins of a number are tenths of the rows of the fit, those of a text its buckets; unknown is a bin of its own.
// Chance alone gives about (bins − 1)(1/n + 1/m), n and m the rows compared: an index has moved where it is above
// kMoved and above what chance gives in one of a thousand cases.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "state/codec.h"

namespace nudge::scores {

struct FeatureShift {
  std::size_t feature = 0;
  double index = 0, by_chance = 0;
  bool moved = false;
};

class Population {
 public:
  static constexpr double kMoved = 0.25;
  static constexpr std::uint64_t kRowsLeast = 200;

  Population() = default;
  // Of the rows of a fit: row-major, a number for each of `texts`.
  Population(std::span<const float> rows, const std::vector<bool>& texts);

  // A later row.
  void add(std::span<const float> row);
  // Of the rows added since the last call that gave something; nothing where they are too few. By feature.
  std::vector<FeatureShift> take_shifts();

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  struct FeatureBins {
    bool text = false;
    std::vector<float> edges = {};  // rising; a number belongs to the bin of the first edge above it
    std::vector<std::uint32_t> expected = {}, actual = {};  // the last one is of unknown
    std::size_t bin(float value) const;
  };
  std::vector<FeatureBins> features_;
  std::uint64_t expected_rows_ = 0, actual_rows_ = 0;
};

}  // namespace nudge::scores
