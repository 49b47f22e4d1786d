// Rows for benches of scoring: 20,000 of 60 features, as a shop has them.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "operators/scores/tree_training.h"

namespace nudge::bench {

inline constexpr std::size_t kFeatures = 60, kRows = 20'000;

// Heavy-tailed numbers, counts and texts; a tenth of all is unknown. Half of the features say something of the label.
struct Sample {
  std::vector<bool> texts;
  std::vector<float> values;
  std::vector<std::uint8_t> labels;
  std::vector<float> weights = std::vector<float>(kRows, 1);

  Sample() {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (std::size_t feature = 0; feature < kFeatures; ++feature) texts.push_back(feature % 6 == 5);
    for (std::size_t row = 0; row < kRows; ++row) {
      float margin = -1;
      for (std::size_t feature = 0; feature < kFeatures; ++feature) {
        const float number = feature % 2 == 0 ? static_cast<float>(random() % 20) : std::exp(normal(random));
        const float value = texts[feature] ? static_cast<float>(random() % 8 * (random() % 8)) : number;
        const bool known = random() % 10 != 0;
        values.push_back(known ? value : std::numeric_limits<float>::quiet_NaN());
        if (!known || feature > kFeatures / 2) continue;
        margin += texts[feature] ? (value == 12 ? 1.0f : 0.0f) : (number > 3 ? 0.2f : -0.2f);
      }
      labels.push_back(margin + normal(random) > 0 ? 1 : 0);
    }
  }
  scores::LabelledValues rows() const { return {texts, values, labels, weights}; }
  std::span<const float> row(std::size_t index) const {
    return std::span(values).subspan(index % kRows * kFeatures, kFeatures);
  }
};

inline const Sample& sample() {
  static const Sample made;
  return made;
}

}  // namespace nudge::bench
