// How the numbers of a row become the inputs of a linear model.
//
// A known number gives three: itself, centred and scaled (a truth that is linear in the raw number is in the model),
// and the two hat functions of the knots around it (so is any curve that is piecewise linear between the knots). Knots
// are quantiles of the rows that the basis was fitted to. Beyond the outer ones the hats stay and the linear input goes
// on for one more span: the recency of a young shop's customers grows past all that has been learnt of it. A text gives
// one, by its bucket; unknown gives one of its own. Index 0 is the intercept.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/scores/features.h"
#include "operators/scores/ftrl.h"
#include "state/codec.h"

namespace nudge::scores {

inline constexpr std::size_t kKnotsMax = 16;

// The inputs of one feature have consecutive indexes from `first`: unknown; then linear and hats, or the buckets.
struct FeatureBasis {
  bool text = false;
  bool unknown = false;  // some rows knew it and some did not: only then its absence is an input
  std::uint32_t first = 0;
  float mean = 0, scale = 1;
  std::vector<float> knots = {};  // rising; empty where no row knew the number

  // A number that is the same in all rows is no input.
  bool varies() const { return knots.size() > 1; }
  // How far the linear input goes on beyond the knots.
  float low() const { return knots.front() - (knots.back() - knots.front()); }
  float high() const { return knots.back() + (knots.back() - knots.front()); }

  std::uint32_t inputs() const { return text ? 1 + kTextBuckets : 2 + static_cast<std::uint32_t>(knots.size()); }
  std::uint32_t linear() const { return first + 1; }
  std::uint32_t hat(std::size_t knot) const { return first + 2 + static_cast<std::uint32_t>(knot); }
};

class Basis {
 public:
  Basis() = default;
  // `rows` are row-major, `texts.size()` numbers each.
  Basis(std::span<const float> rows, const std::vector<bool>& texts);

  std::size_t features() const { return features_.size(); }
  std::size_t inputs() const { return inputs_; }
  const FeatureBasis& feature(std::size_t index) const { return features_[index]; }
  // Replaces `terms` by the inputs of a row that are not zero.
  void terms(std::span<const float> row, std::vector<Term>& terms) const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  void number_inputs();
  std::vector<FeatureBasis> features_;
  std::size_t inputs_ = 1;
};

}  // namespace nudge::scores
