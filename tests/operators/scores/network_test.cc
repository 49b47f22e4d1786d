// The net against numeric slopes, against the textbook's step written down once more, and on what it can learn.
#include "operators/scores/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "operators/scores/network_ensemble.h"

namespace nudge::scores {
namespace {

struct Case {
  const char* name;
  std::vector<std::size_t> sizes;
  NetworkOutput output;
};

const Case kCases[] = {
    {"linear", {3, 4, 1}, NetworkOutput::kLinear},
    {"logistic", {5, 3, 1}, NetworkOutput::kLogistic},
    {"two hidden layers", {4, 5, 3, 1}, NetworkOutput::kLogistic},
    {"two outputs", {3, 6, 2}, NetworkOutput::kLinear},
    {"no hidden layer", {4, 1}, NetworkOutput::kLogistic},
};

class Rows {
 public:
  explicit Rows(unsigned seed) : random_(seed) {}
  std::vector<double> numbers(std::size_t count) {
    std::vector<double> numbers(count);
    // Some inputs are 0, which the net passes over.
    for (double& number : numbers) number = random_() % 4 == 0 ? 0 : normal_(random_);
    return numbers;
  }
  std::vector<double> targets(std::size_t count, NetworkOutput output) {
    std::vector<double> targets(count);
    for (double& target : targets)
      target = output == NetworkOutput::kLinear ? normal_(random_) : static_cast<double>(random_() % 2);
    return targets;
  }

 private:
  std::mt19937 random_;
  std::normal_distribution<double> normal_;
};

// Every weight and bias of the layers, in one order.
std::vector<double*> numbers_of(std::vector<NetworkLayer>& layers) {
  std::vector<double*> numbers;
  for (NetworkLayer& layer : layers) {
    for (double& weight : layer.weights) numbers.push_back(&weight);
    for (double& bias : layer.bias) numbers.push_back(&bias);
  }
  return numbers;
}

double loss_of(const std::vector<NetworkLayer>& layers, NetworkOutput output, std::span<const double> row,
               std::span<const double> targets) {
  const Network network(layers, output);
  Network::Values values;
  return network.loss(network.margins(row, values), targets);
}

TEST(Network, SlopesAreTheNumericOnes) {
  for (const Case& net : kCases) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
      SCOPED_TRACE(testing::Message() << net.name << ", seed " << seed);
      Rows rows(seed);
      Network network(random_layers(net.sizes, seed), net.output);
      const auto row = rows.numbers(net.sizes.front());
      const auto targets = rows.targets(net.sizes.back(), net.output);
      auto slopes = BackPropagation(network, 0).slopes(row, targets);
      std::vector<NetworkLayer> layers = network.layers();
      const auto weights = numbers_of(layers), found = numbers_of(slopes);
      ASSERT_EQ(weights.size(), found.size());
      constexpr double kStep = 1e-5;
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const double kept = *weights[i];
        *weights[i] = kept + kStep;
        const double above = loss_of(layers, net.output, row, targets);
        *weights[i] = kept - kStep;
        const double below = loss_of(layers, net.output, row, targets);
        *weights[i] = kept;
        EXPECT_NEAR(*found[i], (above - below) / (2 * kStep), 1e-7) << "weight " << i;
      }
    }
  }
}

TEST(Network, StepsFollowSlopeAndLastStep) {
  for (const Case& net : kCases) {
    for (const double momentum : {0.0, 0.8}) {
      SCOPED_TRACE(testing::Message() << net.name << ", momentum " << momentum);
      Rows rows(7);
      Network network(random_layers(net.sizes, 3), net.output);
      BackPropagation trained(network, momentum);
      std::vector<NetworkLayer> layers = network.layers();
      std::vector<double> steps(numbers_of(layers).size());
      for (int i = 0; i < 50; ++i) {
        const auto row = rows.numbers(net.sizes.front());
        const auto targets = rows.targets(net.sizes.back(), net.output);
        Network before(layers, net.output);
        auto slopes = BackPropagation(before, 0).slopes(row, targets);
        const double rate = 0.05 * (1 + i % 3);
        EXPECT_NEAR(trained.learn(row, targets, rate), loss_of(layers, net.output, row, targets), 1e-12);
        const auto weights = numbers_of(layers), slope = numbers_of(slopes);
        for (std::size_t at = 0; at < weights.size(); ++at) {
          steps[at] = momentum * steps[at] - rate * *slope[at];
          *weights[at] += steps[at];
        }
        auto now = network.layers();
        const auto found = numbers_of(now);
        for (std::size_t at = 0; at < weights.size(); ++at) EXPECT_NEAR(*found[at], *weights[at], 1e-12) << at;
      }
    }
  }
}

std::string bytes_after_training(std::uint64_t seed) {
  Rows rows(5);
  Network network(random_layers(std::vector<std::size_t>{6, 5, 1}, seed), NetworkOutput::kLogistic);
  BackPropagation trained(network, 0.5);
  for (int i = 0; i < 500; ++i) {
    const auto row = rows.numbers(6);
    trained.learn(row, rows.targets(1, NetworkOutput::kLogistic), 0.1);
  }
  std::string bytes;
  Encoder out(bytes);
  network.encode(out);
  return bytes;
}

TEST(Network, TheSeedAloneDecides) {
  EXPECT_EQ(bytes_after_training(1), bytes_after_training(1));
  EXPECT_NE(bytes_after_training(1), bytes_after_training(2));
}

TEST(Network, BytesRoundTripAndOthersAreRefused) {
  const std::string bytes = bytes_after_training(9);
  Decoder in(bytes);
  Network network;
  network.decode(in);
  ASSERT_TRUE(in.ok() && in.at_end());
  std::string again;
  Encoder out(again);
  network.encode(out);
  EXPECT_EQ(again, bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Decoder cut(std::string_view(bytes).substr(0, size));
    Network none;
    none.decode(cut);
    EXPECT_FALSE(cut.ok()) << size;
  }
}

TEST(Network, LearnsWhatNoLinearModelCan) {
  std::mt19937 random(11);
  Network network(random_layers(std::vector<std::size_t>{2, 4, 1}, 2), NetworkOutput::kLogistic);
  BackPropagation trained(network, 0.5);
  const double rows[4][3] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}};  // exclusive or
  for (int i = 0; i < 20'000; ++i) {
    const auto& row = rows[random() % 4];
    trained.learn(std::span(row, 2), std::span(row + 2, 1), 0.2);
  }
  Network::Values values;
  for (const auto& row : rows) {
    const double margin = network.margins(std::span(row, 2), values)[0];
    EXPECT_GT(row[2] == 1 ? margin : -margin, 3.0) << row[0] << row[1];
  }
}

TEST(NetworkEnsemble, SaysWhatItsNetsSay) {
  Rows rows(11);
  const struct {
    const char* name;
    std::size_t inputs;
    std::vector<std::size_t> hidden;
  } cases[] = {{"one", 7, {5}}, {"a block", 9, {16}}, {"of several sizes", 40, {32, 3, 20}}, {"few", 1, {1, 1, 1}}};
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    std::vector<Network> nets;
    for (const std::size_t hidden : each.hidden) {
      const std::size_t sizes[] = {each.inputs, hidden, 1};
      nets.emplace_back(random_layers(sizes, 3 + nets.size()), NetworkOutput::kLogistic);
    }
    const NetworkEnsemble ensemble(nets);
    Network::Values values;
    for (int row = 0; row < 50; ++row) {
      std::vector<double> inputs(each.inputs);
      std::vector<Term> terms;
      const std::vector<double> numbers = rows.numbers(each.inputs);
      for (std::uint32_t input = 0; input < inputs.size(); ++input) {
        const auto value = static_cast<float>(numbers[input]);
        inputs[input] = static_cast<double>(value);
        if (value != 0) terms.push_back({input, value});
      }
      double mean = 0;
      for (const Network& net : nets) mean += net.margins(inputs, values)[0];
      EXPECT_EQ(ensemble.margin(terms), mean * (1.0 / static_cast<double>(nets.size())));
    }
  }
}

TEST(Network, UsualHiddenUnits) {
  EXPECT_EQ(usual_hidden_units(1, 1), 1u);
  EXPECT_EQ(usual_hidden_units(10, 1), 8u);
  EXPECT_EQ(usual_hidden_units(4, 2), 4u);
  for (std::size_t inputs = 1; inputs < 100; ++inputs)
    for (std::size_t outputs = 1; outputs <= inputs; ++outputs) {
      const std::size_t units = usual_hidden_units(inputs, outputs);
      EXPECT_GE(2 * units, inputs + outputs);
      EXPECT_LE(units, inputs + outputs);
      EXPECT_LT(units, 2 * inputs);
    }
}

TEST(Network, KnowsWhenItDiverged) {
  Network network(random_layers(std::vector<std::size_t>{1, 2, 1}, 1), NetworkOutput::kLinear);
  EXPECT_TRUE(network.is_finite());
  BackPropagation trained(network, 0.9);
  const std::vector<double> row = {1e3}, target = {1e3};
  for (int i = 0; i < 2'000 && network.is_finite(); ++i) trained.learn(row, target, 10);
  EXPECT_FALSE(network.is_finite());
}

}  // namespace
}  // namespace nudge::scores
