#include "operators/scores/network_ensemble.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/portable_math.h"

namespace nudge::scores {
namespace {

// So many sums stay in registers while a row's inputs pass by.
constexpr std::size_t kBlock = 16;

}  // namespace

NetworkEnsemble::NetworkEnsemble(std::span<const Network> nets) {
  NUDGE_CHECK(!nets.empty(), "a net at least");
  const std::size_t inputs = nets[0].inputs();
  for (const Network& net : nets) {
    NUDGE_CHECK(net.layers().size() == 2 && net.outputs() == 1 && net.inputs() == inputs, "nets of one shape");
    units_ += net.layers()[0].outputs;
    ends_.push_back(units_);
    out_bias_.push_back(net.layers()[1].bias[0]);
  }
  units_ = (units_ + kBlock - 1) / kBlock * kBlock;
  weights_.resize(inputs * units_);
  bias_.resize(units_);
  out_weights_.resize(units_);
  std::size_t unit = 0;
  for (const Network& net : nets) {
    const NetworkLayer &hidden = net.layers()[0], &out = net.layers()[1];
    for (std::size_t own = 0; own < hidden.outputs; ++own, ++unit) {
      bias_[unit] = hidden.bias[own];
      out_weights_[unit] = out.weights[own];
      double* const block = weights_.data() + unit / kBlock * inputs * kBlock;
      for (std::size_t input = 0; input < inputs; ++input)
        block[input * kBlock + unit % kBlock] = hidden.weights[input * hidden.outputs + own];
    }
  }
}

double NetworkEnsemble::margin(std::span<const Term> terms) const {
  const std::size_t stride = weights_.size() / units_ * kBlock;
  std::vector<double> units(units_);
  for (std::size_t first = 0; first < units_; first += kBlock) {
    const double* const block = weights_.data() + first / kBlock * stride;
    double sums[kBlock];
    std::copy_n(bias_.data() + first, kBlock, sums);
    for (const Term& term : terms) {
      const double* const weights = block + term.index * kBlock;
      const auto value = static_cast<double>(term.value);
      for (std::size_t lane = 0; lane < kBlock; ++lane) sums[lane] += value * weights[lane];
    }
    for (std::size_t lane = 0; lane < kBlock; ++lane) units[first + lane] = -sums[lane];
  }
  portable::exp_each(units);  // what follows is the sigmoid
  for (double& unit : units) unit = 1.0 / (1.0 + unit);
  double mean = 0;
  std::size_t unit = 0;
  for (std::size_t net = 0; net < ends_.size(); ++net) {
    double margin = out_bias_[net];
    for (; unit < ends_[net]; ++unit) margin += units[unit] * out_weights_[unit];
    mean += margin;
  }
  return mean * (1.0 / static_cast<double>(ends_.size()));
}

}  // namespace nudge::scores
