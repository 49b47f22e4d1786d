// How good scores were, from an exact tally of (probability on the 1e-6 grid, label).
//
// A tally is a sum: tasks add up in any order. AUC counts ties half; log loss clips at 1e-15; ECE has 20 bins of equal
// count in order of probability, where equal probabilities that straddle two bins are split evenly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/json_writer.h"
#include "state/codec.h"

namespace nudge::scores {

inline constexpr std::int32_t kProbabilityOne = 1'000'000;

struct Quality {
  std::uint64_t n = 0, positives = 0;
  // Nothing without rows; the AUC also without one of the classes.
  std::optional<double> auc, log_loss, brier, ece;
  std::uint64_t band_n = 0;
  std::optional<double> band_predicted, band_actual;
};

class ScoreTally {
 public:
  // Amortised a few nanoseconds; memory is 4 bytes a score at first and 16 bytes a distinct cell at most.
  void add(std::int32_t probability_micro, bool label);
  void add(const ScoreTally& other);
  std::uint64_t size() const;

  // The band is [low, high], both ends included.
  Quality quality(double low, double high) const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);
  void clear();

 private:
  struct Cell {
    std::uint32_t key = 0;  // probability · 2 + label
    std::uint64_t count = 0;
    bool operator==(const Cell&) const = default;
  };
  void compact() const;

  mutable std::vector<std::uint32_t> recent_;
  mutable std::vector<Cell> cells_;  // sorted, distinct
};

// Why there are no probabilities yet, of so many labels known, of which so many are true.
std::string why_withheld(std::uint64_t known, std::uint64_t positives, std::uint64_t needed_of_each);

// {n, auc, log_loss, brier, ece, band {n, predicted, actual}}
void write_quality(JsonWriter& writer, const Quality& quality);

}  // namespace nudge::scores
