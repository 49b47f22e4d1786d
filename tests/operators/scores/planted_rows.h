// Rows whose true probability is known: two numbers that act together, a text, and one that says nothing.
#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "operators/scores/estimator.h"

namespace nudge::scores::testing {

struct PlantedRows {
  TrainingRows rows{.texts = {false, false, true, false}, .values = {}, .labels = {}, .weights = {}};
  std::vector<double> truth;  // log-odds

  PlantedRows(unsigned seed, std::size_t count) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<double> uniform;
    for (std::size_t row = 0; row < count; ++row) {
      const float a = normal(random), b = std::exp(normal(random));
      const float text = static_cast<float>(random() % 5), noise = normal(random);
      const bool unknown = random() % 8 == 0;
      truth.push_back(-1.5 + 1.2 * static_cast<double>(a) + (b > 1 ? 0.8 : -0.4) * (a > 0 ? 1 : -1) +
                      (text == 3 ? 1.5 : 0) + (unknown ? 0.7 : 0));
      const float values[] = {a, b, text, unknown ? std::numeric_limits<float>::quiet_NaN() : noise};
      rows.add(values, uniform(random) < 1 / (1 + std::exp(-truth.back())), 1 + static_cast<float>(random() % 2));
    }
  }
};

}  // namespace nudge::scores::testing
