// The model of one target as tasks use it: immutable, everything that a score needs in one record `scores.<name>`.
//
// Of the linear model each feature's contribution to the log-odds is tabulated: piecewise linear between its knots, one
// number per text bucket, one for unknown. Contributions are centred on their mean over the training rows, so a reason
// says how this customer differs from the average one; the margin is their sum and the intercept. A model of another
// kind (estimator.h) is asked itself.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "operators/scores/basis.h"
#include "operators/scores/meaning.h"
#include "operators/scores/percentile.h"

namespace nudge::scores {

class FittedModel;

class ScoringModel {
 public:
  // A model that gives no probabilities yet, only the sampling rate 2^−shift of training rows.
  static ScoringModel withheld(std::uint64_t schema, std::uint8_t shift);
  // `weights` are those of the basis' inputs, `input_means` those of the training rows, by index.
  ScoringModel(std::uint64_t schema, std::uint8_t shift, const Basis& basis, std::span<const double> weights,
               std::span<const float> input_means, const Meaning& meaning, const ScoreHistogram& scores);
  // `estimator` is the place in estimators() of what made `fitted`, and above 0.
  ScoringModel(std::uint64_t schema, std::uint8_t shift, std::size_t estimator,
               std::shared_ptr<const FittedModel> fitted, const Meaning& meaning, const ScoreHistogram& scores);

  bool active() const { return active_; }
  std::uint64_t schema() const { return schema_; }
  std::uint8_t sample_shift() const { return shift_; }

  // The margin of a row; `contributions` (as many as features) become what each feature adds.
  double margin(std::span<const float> row, std::span<double> contributions) const;
  double margin(std::span<const float> row) const;
  // Calibrated log-odds of a margin.
  double calibrated(double margin) const { return meaning_.calibration.apply(margin); }
  // Between which probabilities the truth of a margin lies.
  ProbabilityInterval interval(double margin) const { return meaning_.bounds.at(margin); }
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

  void encode_tables(Encoder& out) const;
  void decode_tables(Decoder& in);

  bool active_ = false;
  std::uint64_t schema_ = 0;
  std::uint8_t shift_ = 0;
  std::size_t estimator_ = 0;  // 0: the linear one
  double intercept_ = 0;
  std::vector<FeatureTable> features_;
  std::shared_ptr<const FittedModel> fitted_;  // of any other
  Meaning meaning_;
  ScoreHistogram scores_;
  PercentileTable percentiles_;
};

// The probability of calibrated log-odds on the 1e-6 grid, never 0 or 1.
std::int32_t probability_micro(double log_odds);

}  // namespace nudge::scores
