// A back-propagation net (Rumelhart, Hinton & Williams 1986): sigmoid layers, and an output that is linear or logistic.
//
//   ΔW(t) = −η ∂E/∂W + μ ΔW(t−1)
//
// E of a row is ½Σe² for linear outputs and the log loss for logistic ones; in both its slope by an output's margin is
// output − target. One row after the other, every sum in the order of the inputs: the same rows in the same order from
// the same weights give the same bytes. Doubles throughout.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "state/codec.h"

namespace nudge::scores {

enum class NetworkOutput : std::uint8_t { kLinear, kLogistic };

struct NetworkLayer {
  std::size_t inputs = 0, outputs = 0;
  std::vector<double> weights;  // that of input i and output o at i · outputs + o
  std::vector<double> bias;     // one for each output

  bool operator==(const NetworkLayer&) const = default;
};

// ⌈2/3 · (inputs + outputs)⌉: between (inputs + outputs) / 2 and inputs + outputs, and below 2 · inputs.
std::size_t usual_hidden_units(std::size_t inputs, std::size_t outputs);

// Weights and biases uniform within ±√(2 / (inputs + outputs)) of their layer (Glorot & Bengio 2010). `sizes` are those
// of the inputs, of each hidden layer and of the outputs.
std::vector<NetworkLayer> random_layers(std::span<const std::size_t> sizes, std::uint64_t seed);

class Network {
 public:
  // The values of each layer for one row: the hidden layers' outputs, last the margins of the outputs.
  using Values = std::vector<std::vector<double>>;

  Network() = default;
  // At least one layer, each with as many inputs as the one before it has outputs.
  Network(std::vector<NetworkLayer> layers, NetworkOutput output);

  const std::vector<NetworkLayer>& layers() const { return layers_; }
  NetworkOutput output() const { return output_; }
  std::size_t inputs() const { return layers_.front().inputs; }
  std::size_t outputs() const { return layers_.back().outputs; }
  bool is_finite() const;

  // The margins: linear outputs themselves, the log-odds of logistic ones. They lie in `values`, which is reused.
  std::span<const double> margins(std::span<const double> row, Values& values) const;
  // E of a row whose margins these are.
  double loss(std::span<const double> margins, std::span<const double> targets) const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  friend class BackPropagation;
  std::vector<NetworkLayer> layers_;
  NetworkOutput output_ = NetworkOutput::kLinear;
};

// Trains a net, and remembers the last step of each weight if there is a momentum. Without one a step moves only the
// weights of inputs that are not 0.
class BackPropagation {
 public:
  // The net outlives it. `momentum` is μ.
  BackPropagation(Network& network, double momentum);

  // One step; `rate` is η, of which a row that counts more or less than others takes a multiple. Gives the loss before.
  double learn(std::span<const double> row, std::span<const double> targets, double rate);
  // ∂E/∂W of a row, in the shape of the layers.
  std::vector<NetworkLayer> slopes(std::span<const double> row, std::span<const double> targets);

 private:
  // Fills `values_` and `deltas_`, which is ∂E/∂z of each layer's units; gives E.
  double propagate(std::span<const double> row, std::span<const double> targets);
  std::span<const double> inputs_of(std::size_t layer, std::span<const double> row) const;

  Network& network_;
  double momentum_;
  std::vector<NetworkLayer> steps_;  // ΔW(t−1); none without momentum
  Network::Values values_;
  std::vector<std::vector<double>> deltas_;
};

}  // namespace nudge::scores
