#include "operators/scores/network_classifier.h"

#include <algorithm>
#include <cmath>

#include "engine/check.h"
#include "engine/hash.h"
#include "engine/portable_math.h"
#include "operators/scores/network.h"
#include "operators/scores/network_ensemble.h"
#include "operators/scores/network_inputs.h"

namespace nudge::scores {
namespace {

constexpr std::size_t kNets = 3;
constexpr std::size_t kHiddenMost = 32;
constexpr std::size_t kEpochsMost = 60, kPatience = 6;
constexpr std::uint64_t kShares = 6;  // a net stops by one of so many shares of the rows
// The rate falls to half over four epochs. There is no momentum, so that a step moves the weights of a row's inputs
// alone: most inputs are 0.
constexpr double kRate = 0.15, kRateHalves = 4;

// The inputs of all rows, once for all nets.
class Inputs {
 public:
  Inputs(const NetworkInputs& inputs, const TrainingRows& rows) : average_(inputs.size()), row_(inputs.size()) {
    std::vector<Term> of_row;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      inputs.terms(rows.row(row), of_row);
      terms_.insert(terms_.end(), of_row.begin(), of_row.end());
      ends_.push_back(terms_.size());
      for (const Term& term : of_row) average_[term.index] += static_cast<double>(term.value);
    }
    for (double& sum : average_) sum /= static_cast<double>(rows.size());
  }

  // Valid until the next call.
  std::span<const double> row(std::size_t index) {
    for (const Term& term : shown_) row_[term.index] = 0;
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    shown_ = std::span(terms_).subspan(begin, ends_[index] - begin);
    for (const Term& term : shown_) row_[term.index] = static_cast<double>(term.value);
    return row_;
  }
  const std::vector<double>& average() const { return average_; }

 private:
  std::vector<Term> terms_;
  std::vector<std::size_t> ends_;
  std::vector<double> average_, row_;
  std::span<const Term> shown_;
};

void shuffle(std::vector<std::uint32_t>& order, std::uint64_t seed) {
  for (std::size_t left = order.size(); left > 1; --left) std::swap(order[left - 1], order[mix(seed, left) % left]);
}

class NetTraining {
 public:
  NetTraining(Inputs& inputs, const TrainingRows& rows, std::uint64_t seed)
      : inputs_(inputs), rows_(rows), seed_(seed) {
    double weights = 0;
    for (const float weight : rows.weights) weights += static_cast<double>(weight);
    unit_ = static_cast<double>(rows.size()) / weights;
  }

  Network train(std::size_t number) {
    const std::size_t width = inputs_.average().size();
    const std::size_t sizes[] = {width, std::min(usual_hidden_units(width, 1), kHiddenMost), 1};
    const std::uint64_t seed = mix(seed_, kShares + number);
    Network network(random_layers(sizes, seed), NetworkOutput::kLogistic), best = network;
    BackPropagation trained(network, 0);
    auto [taught, held_out] = shares(number);
    double least = loss(network, held_out);
    std::size_t since = 0;
    for (std::size_t epoch = 0; epoch < kEpochsMost && since < kPatience; ++epoch, ++since) {
      shuffle(taught, mix(seed, epoch));
      const double rate = unit_ * kRate / (1.0 + static_cast<double>(epoch) / kRateHalves);
      for (const std::uint32_t row : taught) {
        const double label = rows_.labels[row];
        trained.learn(inputs_.row(row), {&label, 1}, rate * static_cast<double>(rows_.weights[row]));
      }
      const double now = loss(network, held_out);
      if (!(now < least)) continue;
      least = now;
      best = network;
      since = 0;
    }
    return best;
  }

 private:
  struct Shares {
    std::vector<std::uint32_t> taught, held_out;
  };
  // A few rows may all fall into one share: then all of them are taught, and the last epoch is as good as any.
  Shares shares(std::size_t number) const {
    Shares made;
    for (std::uint32_t row = 0; row < rows_.size(); ++row)
      (mix(seed_, row) % kShares == number ? made.held_out : made.taught).push_back(row);
    if (made.taught.empty()) made.taught = made.held_out;
    if (made.held_out.empty()) made.held_out = made.taught;
    return made;
  }

  double loss(const Network& network, const std::vector<std::uint32_t>& rows) {
    double sum = 0;
    for (const std::uint32_t row : rows) {
      const double label = rows_.labels[row];
      const auto margins = network.margins(inputs_.row(row), values_);
      sum += static_cast<double>(rows_.weights[row]) * network.loss(margins, {&label, 1});
    }
    return sum;
  }

  Inputs& inputs_;
  const TrainingRows& rows_;
  std::uint64_t seed_;
  double unit_ = 1;  // brings the weights to a mean of 1
  Network::Values values_;
};
static_assert(kNets <= kShares, "a share for each net");

// What each unit of each layer sums up, before the sigmoid.
Network::Values sums_of(const Network& net, std::span<const double> inputs) {
  Network::Values sums;
  std::vector<double> values(inputs.begin(), inputs.end());
  for (const NetworkLayer& layer : net.layers()) {
    std::vector<double>& of_layer = sums.emplace_back(layer.bias);
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      if (values[i] == 0) continue;
      for (std::size_t o = 0; o < layer.outputs; ++o) of_layer[o] += values[i] * layer.weights[i * layer.outputs + o];
    }
    values = of_layer;
    for (double& value : values) value = portable::sigmoid(value);
  }
  return sums;
}

// The slope of the sigmoid between two places.
double sigmoid_slope(double from, double to) {
  const double begin = portable::sigmoid(from), end = portable::sigmoid(to);
  return std::abs(to - from) < 1e-6 ? end * (1.0 - end) : (end - begin) / (to - from);
}

// By how much the margin changes for each unit by which an input differs from the average, of which the sums are given.
std::vector<double> slopes_of(const Network& net, std::span<const double> inputs, const Network::Values& of_average) {
  const Network::Values sums = sums_of(net, inputs);
  std::vector<double> slopes = {1.0};
  for (std::size_t place = net.layers().size(); place-- > 0;) {
    const NetworkLayer& layer = net.layers()[place];
    std::vector<double> before(layer.inputs);
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      for (std::size_t o = 0; o < layer.outputs; ++o) before[i] += layer.weights[i * layer.outputs + o] * slopes[o];
      if (place > 0) before[i] *= sigmoid_slope(of_average[place - 1][i], sums[place - 1][i]);
    }
    slopes = std::move(before);
  }
  return slopes;
}

class NetworkModel final : public FittedModel {
 public:
  NetworkModel() = default;
  NetworkModel(NetworkInputs inputs, std::vector<double> average, std::vector<Network> nets)
      : inputs_(std::move(inputs)), average_(std::move(average)), nets_(std::move(nets)) {
    prepare();
  }

  double margin(std::span<const float> row, std::span<double> contributions) const override {
    std::vector<Term> terms;
    inputs_.terms(row, terms);
    if (!contributions.empty()) explain(terms, contributions);
    return ensemble_.margin(terms);
  }

  void encode(Encoder& out) const override {
    inputs_.encode(out);
    for (const double average : average_) out.real(average);
    out.varint(nets_.size());
    for (const Network& net : nets_) net.encode(out);
  }

  void decode(Decoder& in) {
    inputs_.decode(in);
    average_.assign(inputs_.size(), 0);
    for (double& average : average_) average = in.real();
    nets_.resize(in.count(2));
    if (nets_.empty()) in.fail();
    for (Network& net : nets_) {
      net.decode(in);
      if (in.ok() && (net.inputs() != inputs_.size() || net.layers().size() != 2 || net.outputs() != 1)) in.fail();
    }
    if (in.ok()) prepare();
  }

 private:
  void prepare() {
    ensemble_ = NetworkEnsemble(nets_);
    for (const Network& net : nets_) sums_of_average_.push_back(sums_of(net, average_));
  }

  void explain(std::span<const Term> terms, std::span<double> contributions) const {
    std::vector<double> inputs(inputs_.size());
    for (const Term& term : terms) inputs[term.index] = static_cast<double>(term.value);
    const double share = 1.0 / static_cast<double>(nets_.size());
    std::fill(contributions.begin(), contributions.end(), 0.0);
    const auto owners = inputs_.owners();
    for (std::size_t net = 0; net < nets_.size(); ++net) {
      const std::vector<double> slopes = slopes_of(nets_[net], inputs, sums_of_average_[net]);
      for (std::size_t input = 1; input < owners.size(); ++input)
        contributions[owners[input]] += share * slopes[input] * (inputs[input] - average_[input]);
    }
  }

  NetworkInputs inputs_;
  std::vector<double> average_;  // the inputs of the average training row
  std::vector<Network> nets_;
  NetworkEnsemble ensemble_;                      // of them
  std::vector<Network::Values> sums_of_average_;  // by net: what its units sum up for the average row
};

}  // namespace

Result<std::unique_ptr<FittedModel>> fit_network(const TrainingRows& rows, const EstimatorSettings& settings) {
  NUDGE_CHECK(rows.size() > 0, "rows to learn from");
  NetworkInputs network_inputs(rows);
  Inputs inputs(network_inputs, rows);
  NetTraining training(inputs, rows, settings.seed);
  std::vector<Network> nets;
  for (std::size_t number = 0; number < kNets; ++number) nets.push_back(training.train(number));
  return std::unique_ptr<FittedModel>(
      std::make_unique<NetworkModel>(std::move(network_inputs), inputs.average(), std::move(nets)));
}

std::unique_ptr<FittedModel> decode_network(Decoder& in) {
  auto model = std::make_unique<NetworkModel>();
  model->decode(in);
  if (!in.ok()) return nullptr;
  return model;
}

}  // namespace nudge::scores
