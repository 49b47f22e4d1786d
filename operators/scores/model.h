// The model of one target as tasks use it: immutable, everything that a score needs in one record `scores.<name>`.
//
// Each feature's contribution to the log-odds is tabulated: piecewise linear between its knots, one number per text
// bucket, one for unknown. Contributions are centred on their mean over the training rows, so a reason says how this
// customer differs from the average one; the margin is their sum and the intercept.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "operators/scores/basis.h"
#include "operators/scores/calibration.h"
#include "operators/scores/percentile.h"
#include "operators/scores/venn_abers.h"

namespace nudge::scores {

class ScoringModel {
 public:
  // A model that gives no probabilities yet, only the sampling rate 2^−shift of training rows.
  static ScoringModel withheld(std::uint64_t schema, std::uint8_t shift);
  // `weights` are those of the basis' inputs, `input_means` those of the training rows, by index.
  ScoringModel(std::uint64_t schema, std::uint8_t shift, const Basis& basis, std::span<const double> weights,
               std::span<const float> input_means, const Calibration& calibration, const VennAbers& bounds,
               const ScoreHistogram& scores);

  bool active() const { return active_; }
  std::uint64_t schema() const { return schema_; }
  std::uint8_t sample_shift() const { return shift_; }
  std::size_t features() const { return features_.size(); }

  // The margin of a row; `contributions` (as many as features) become what each feature adds.
  double margin(std::span<const float> row, std::span<double> contributions) const;
  double margin(std::span<const float> row) const;
  // Calibrated log-odds of a margin.
  double calibrated(double margin) const { return calibration_.apply(margin); }
  // Between which probabilities the truth of a margin lies.
  ProbabilityInterval interval(double margin) const { return bounds_.at(margin); }
  std::int32_t percentile_centi(double log_odds) const { return percentiles_.centi(log_odds); }

  void encode(Encoder& out) const;
  static std::optional<ScoringModel> decode(std::string_view bytes);

 private:
  static constexpr std::size_t kTableKnots = kKnotsMax + 2;

  ScoringModel() = default;
  struct FeatureTable {
    bool text = false;
    std::uint32_t count = 0;  // knots used
    double unknown = 0;
    float knots[kTableKnots];    // the ends of the linear input too; unused ones are infinite
    double values[kTableKnots];  // at the knots
    double slopes[kTableKnots];  // from the knot to the next; 0 at the last
    std::vector<double> buckets;
    void centre(double mean);
    void set_slopes();
    double at(float value) const;
  };

  bool active_ = false;
  std::uint64_t schema_ = 0;
  std::uint8_t shift_ = 0;
  double intercept_ = 0;
  std::vector<FeatureTable> features_;
  Calibration calibration_;
  VennAbers bounds_;
  ScoreHistogram scores_;
  PercentileTable percentiles_;
};

// The probability of calibrated log-odds on the 1e-6 grid, never 0 or 1.
std::int32_t probability_micro(double log_odds);

}  // namespace nudge::scores
