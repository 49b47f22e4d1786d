// A few nets over the same inputs as they are scored: the mean of their margins.
//
// The nets lie side by side, so that what one input adds to every hidden unit is one run of memory, and only inputs
// that are not 0 are looked at. Training needs neither (network.h).
#pragma once

#include <span>
#include <vector>

#include "operators/scores/ftrl.h"
#include "operators/scores/network.h"

namespace nudge::scores {

class NetworkEnsemble {
 public:
  NetworkEnsemble() = default;
  // At least one net; each has one hidden layer and one output, and all have as many inputs.
  explicit NetworkEnsemble(std::span<const Network> nets);

  // `terms` are a row's inputs that are not 0. Where their indexes rise, each net's part is that of Network::margins to
  // the last bit.
  double margin(std::span<const Term> terms) const;

 private:
  std::size_t units_ = 0;            // of all nets' hidden layers, filled up to whole blocks
  std::vector<double> weights_;      // block after block; in each, input after input
  std::vector<double> bias_;         // of each hidden unit
  std::vector<double> out_weights_;  // from each hidden unit
  std::vector<double> out_bias_;     // of each net
  std::vector<std::size_t> ends_;    // of each net's units
};

}  // namespace nudge::scores
