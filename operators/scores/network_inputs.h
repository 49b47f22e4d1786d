// How the numbers of a row become the inputs of a net: those of the basis that training rows have, and one more for
// each number.
//
// That one is the number's place among the knots, which are quantiles: it rises evenly where a few large numbers
// stretch the scale. An input that no training row has is left out, so that a text which is new says nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "operators/scores/basis.h"
#include "operators/scores/estimator.h"

namespace nudge::scores {

class NetworkInputs {
 public:
  NetworkInputs() = default;
  explicit NetworkInputs(const TrainingRows& rows);

  // Never 0: the first input is 1 in every row.
  std::size_t size() const { return owners_.size(); }
  std::size_t features() const { return basis_.features(); }
  // The feature that each input is of; the first one's is no feature.
  std::span<const std::uint32_t> owners() const { return owners_; }
  // Replaces `terms` by the inputs of a row that are not zero.
  void terms(std::span<const float> row, std::vector<Term>& terms) const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  void number_inputs(const std::vector<bool>& seen);

  Basis basis_;
  std::vector<std::uint32_t> numbers_;  // of the basis's inputs
  std::vector<std::uint32_t> places_;   // the input of each feature's place
  std::vector<std::uint32_t> owners_;
};

}  // namespace nudge::scores
