#include "operators/scores/network.h"

#include <algorithm>
#include <cmath>

#include "engine/check.h"
#include "engine/hash.h"
#include "engine/portable_math.h"

namespace nudge::scores {
namespace {

constexpr std::uint64_t kSeedOfWeights = 0x6e6574;

NetworkLayer empty_layer(std::size_t inputs, std::size_t outputs) {
  return {inputs, outputs, std::vector<double>(inputs * outputs), std::vector<double>(outputs)};
}

// The weights of one input, or the biases, take a step down their slopes.
void take_step(std::span<double> weights, std::span<const double> deltas, double rate) {
  for (std::size_t o = 0; o < weights.size(); ++o) weights[o] -= rate * deltas[o];
}

void take_step(std::span<double> weights, std::span<double> steps, std::span<const double> deltas, double rate,
               double momentum) {
  for (std::size_t o = 0; o < weights.size(); ++o) {
    steps[o] = momentum * steps[o] - rate * deltas[o];
    weights[o] += steps[o];
  }
}

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

std::size_t usual_hidden_units(std::size_t inputs, std::size_t outputs) {
  const std::size_t usual = (2 * (inputs + outputs) + 2) / 3;
  return std::clamp<std::size_t>(usual, 1, std::max<std::size_t>(2 * inputs, 2) - 1);
}

std::vector<NetworkLayer> random_layers(std::span<const std::size_t> sizes, std::uint64_t seed) {
  NUDGE_CHECK(sizes.size() > 1, "inputs and outputs");
  std::vector<NetworkLayer> layers;
  std::uint64_t drawn = 0;
  for (std::size_t place = 0; place + 1 < sizes.size(); ++place) {
    NetworkLayer& layer = layers.emplace_back(empty_layer(sizes[place], sizes[place + 1]));
    const double bound = std::sqrt(2.0 / static_cast<double>(layer.inputs + layer.outputs));
    const auto draw = [&] { return bound * (2 * unit_interval(mix(mix(kSeedOfWeights, seed), drawn++)) - 1); };
    for (double& weight : layer.weights) weight = draw();
    for (double& bias : layer.bias) bias = draw();
  }
  return layers;
}

Network::Network(std::vector<NetworkLayer> layers, NetworkOutput output) : layers_(std::move(layers)), output_(output) {
  NUDGE_CHECK(!layers_.empty(), "a net has layers");
  for (std::size_t place = 0; place < layers_.size(); ++place) {
    const NetworkLayer& layer = layers_[place];
    NUDGE_CHECK(layer.inputs > 0 && layer.outputs > 0, "a layer has inputs and outputs");
    NUDGE_CHECK(layer.weights.size() == layer.inputs * layer.outputs, "a weight for each input and output");
    NUDGE_CHECK(layer.bias.size() == layer.outputs, "a bias for each output");
    NUDGE_CHECK(place == 0 || layer.inputs == layers_[place - 1].outputs, "layers that fit together");
  }
}

bool Network::is_finite() const {
  return std::all_of(layers_.begin(), layers_.end(),
                     [](const NetworkLayer& layer) { return all_finite(layer.weights) && all_finite(layer.bias); });
}

std::span<const double> Network::margins(std::span<const double> row, Values& values) const {
  NUDGE_CHECK(row.size() == inputs(), "a row of the net's inputs");
  values.resize(layers_.size());
  std::span<const double> inputs = row;
  for (std::size_t place = 0; place < layers_.size(); ++place) {
    const NetworkLayer& layer = layers_[place];
    std::vector<double>& sums = values[place];
    sums = layer.bias;
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      if (inputs[i] == 0) continue;  // most inputs that stand for texts
      const double* const weights = layer.weights.data() + i * layer.outputs;
      for (std::size_t o = 0; o < layer.outputs; ++o) sums[o] += inputs[i] * weights[o];
    }
    if (place + 1 < layers_.size())
      for (double& sum : sums) sum = portable::sigmoid(sum);
    inputs = sums;
  }
  return inputs;
}

double Network::loss(std::span<const double> margins, std::span<const double> targets) const {
  double loss = 0;
  for (std::size_t o = 0; o < margins.size(); ++o) {
    const double error = margins[o] - targets[o];
    loss += output_ == NetworkOutput::kLinear
                ? 0.5 * error * error
                : std::max(margins[o], 0.0) + portable::log1p(portable::exp(-std::abs(margins[o]))) -
                      targets[o] * margins[o];
  }
  return loss;
}

void Network::encode(Encoder& out) const {
  out.byte(static_cast<std::uint8_t>(output_));
  out.varint(layers_.size());
  for (const NetworkLayer& layer : layers_) {
    out.varint(layer.inputs);
    out.varint(layer.outputs);
    for (const double weight : layer.weights) out.real(weight);
    for (const double bias : layer.bias) out.real(bias);
  }
}

void Network::decode(Decoder& in) {
  output_ = in.byte() == 0 ? NetworkOutput::kLinear : NetworkOutput::kLogistic;
  layers_.clear();
  std::size_t inputs_before = 0;
  for (std::size_t left = in.count(2); left > 0; --left) {
    const std::size_t inputs = in.varint(), outputs = in.varint();
    const std::size_t room = in.rest().size() / sizeof(double);
    if (inputs == 0 || outputs == 0 || outputs > room || inputs + 1 > room / outputs ||
        (inputs_before != 0 && inputs != inputs_before))
      return in.fail();
    NetworkLayer& layer = layers_.emplace_back(empty_layer(inputs, outputs));
    for (double& weight : layer.weights) weight = in.real();
    for (double& bias : layer.bias) bias = in.real();
    inputs_before = outputs;
  }
  if (layers_.empty()) in.fail();
}

BackPropagation::BackPropagation(Network& network, double momentum) : network_(network), momentum_(momentum) {
  for (const NetworkLayer& layer : network.layers()) {
    if (momentum != 0) steps_.push_back(empty_layer(layer.inputs, layer.outputs));
    deltas_.emplace_back(layer.outputs);
  }
}

std::span<const double> BackPropagation::inputs_of(std::size_t layer, std::span<const double> row) const {
  return layer == 0 ? row : std::span<const double>(values_[layer - 1]);
}

double BackPropagation::propagate(std::span<const double> row, std::span<const double> targets) {
  const std::span<const double> margins = network_.margins(row, values_);
  NUDGE_CHECK(targets.size() == margins.size(), "a target for each output");
  for (std::size_t o = 0; o < margins.size(); ++o) {
    const bool linear = network_.output() == NetworkOutput::kLinear;
    deltas_.back()[o] = (linear ? margins[o] : portable::sigmoid(margins[o])) - targets[o];
  }
  for (std::size_t place = deltas_.size() - 1; place > 0; --place) {
    const NetworkLayer& layer = network_.layers_[place];
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      double sum = 0;
      for (std::size_t o = 0; o < layer.outputs; ++o) sum += deltas_[place][o] * layer.weights[i * layer.outputs + o];
      const double value = values_[place - 1][i];
      deltas_[place - 1][i] = sum * (value * (1.0 - value));
    }
  }
  return network_.loss(margins, targets);
}

double BackPropagation::learn(std::span<const double> row, std::span<const double> targets, double rate) {
  const double loss = propagate(row, targets);
  for (std::size_t place = 0; place < deltas_.size(); ++place) {
    NetworkLayer& layer = network_.layers_[place];
    const std::vector<double>& deltas = deltas_[place];
    const std::span<const double> inputs = inputs_of(place, row);
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      const auto weights = std::span(layer.weights).subspan(i * layer.outputs, layer.outputs);
      if (momentum_ != 0)
        take_step(weights, std::span(steps_[place].weights).subspan(i * layer.outputs, layer.outputs), deltas,
                  rate * inputs[i], momentum_);
      else if (inputs[i] != 0)
        take_step(weights, deltas, rate * inputs[i]);
    }
    if (momentum_ != 0)
      take_step(layer.bias, steps_[place].bias, deltas, rate, momentum_);
    else
      take_step(layer.bias, deltas, rate);
  }
  return loss;
}

std::vector<NetworkLayer> BackPropagation::slopes(std::span<const double> row, std::span<const double> targets) {
  propagate(row, targets);
  std::vector<NetworkLayer> slopes;
  for (std::size_t place = 0; place < deltas_.size(); ++place) {
    const NetworkLayer& of_net = network_.layers_[place];
    NetworkLayer& layer = slopes.emplace_back(empty_layer(of_net.inputs, of_net.outputs));
    const std::span<const double> inputs = inputs_of(place, row);
    for (std::size_t i = 0; i < layer.inputs; ++i)
      for (std::size_t o = 0; o < layer.outputs; ++o)
        layer.weights[i * layer.outputs + o] = inputs[i] * deltas_[place][o];
    layer.bias = deltas_[place];
  }
  return slopes;
}

}  // namespace nudge::scores
