// How what speaks for an item becomes the probability that the customer's next purchase has it: a logistic regression
// for items that the customer has bought before, and one for those that are new to it.
//
// They are learnt from what came true, slide by slide: each slide's rows are fitted with what was known before as the
// prior, a normal distribution (Laplace's approximation; Spiegelhalter & Lauritzen, Networks 1990), whose precision
// fades a little each time, so that what has changed is learnt again.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Core>

#include "state/codec.h"

namespace nudge::recommendations {

// In units of 1/256, so that a row takes few bytes and scoring sees the numbers that learning sees.
using Feature = std::int16_t;
inline constexpr double kFeatureUnit = 1.0 / 256;
Feature feature_of(double value);

enum class Evidence : std::uint8_t { kRepeat, kNew };
inline constexpr std::size_t kEvidences = 2;

// The features of both; those of the other kind are 0.
struct Features {
  static constexpr std::size_t kMost = 9;
  static constexpr std::size_t kOf[kEvidences] = {9, 5};
  std::array<Feature, kMost> values{};
  auto operator<=>(const Features&) const = default;
};

// The name of each, for reports and documents; the first is the constant.
std::span<const std::string_view> feature_names(Evidence evidence);

struct Row {
  Evidence evidence = Evidence::kNew;
  Features features;
  bool is_true = false;
  auto operator<=>(const Row&) const = default;

  void encode(Encoder& out) const;
  void decode(Decoder& in);
};

class Logistic {
 public:
  // What is believed before anything is learnt.
  explicit Logistic(Evidence evidence);

  double probability(const Features& features) const;
  // Rows in any order: equal ones are counted, and their order is that of their values.
  void learn(std::span<const Row> rows);
  const Eigen::VectorXd& weights() const { return mean_; }

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  Eigen::VectorXd mean_;
  Eigen::MatrixXd precision_;
};

class Blend {
 public:
  double probability(Evidence evidence, const Features& features) const {
    return models_[static_cast<std::size_t>(evidence)].probability(features);
  }
  // Sorts them.
  void learn(std::vector<Row>& rows);
  const Logistic& of(Evidence evidence) const { return models_[static_cast<std::size_t>(evidence)]; }

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  std::array<Logistic, kEvidences> models_{Logistic(Evidence::kRepeat), Logistic(Evidence::kNew)};
};

}  // namespace nudge::recommendations
