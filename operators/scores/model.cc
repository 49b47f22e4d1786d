#include "operators/scores/model.h"

#include <algorithm>
#include <cmath>

#include "engine/check.h"
#include "engine/portable_math.h"
#include "operators/scores/estimator.h"
#include "operators/scores/quality.h"

namespace nudge::scores {

void ScoringModel::FeatureTable::centre(double mean) {
  if (text || count > 0 || unknown != 0) unknown -= mean;
  for (std::uint32_t knot = 0; knot < count; ++knot) values[knot] -= mean;
  for (double& bucket : buckets) bucket -= mean;
}

void ScoringModel::FeatureTable::set_slopes() {
  for (std::size_t knot = 0; knot < kTableKnots; ++knot) {
    slopes[knot] = 0;
    if (knot >= count) {
      knots[knot] = std::numeric_limits<float>::infinity();
      values[knot] = 0;
    } else if (knot + 1 < count) {
      slopes[knot] = (values[knot + 1] - values[knot]) / (static_cast<double>(knots[knot + 1]) - knots[knot]);
    }
  }
}

double ScoringModel::FeatureTable::at(float value) const {
  if (std::isnan(value)) return unknown;
  if (text) return buckets[static_cast<std::size_t>(value)];
  if (count == 0) return 0;
  int passed = 0;
  for (const float knot : knots) passed += value >= knot;
  if (passed == 0) return values[0];
  const int knot = passed - 1;
  return values[knot] + (static_cast<double>(value) - knots[knot]) * slopes[knot];
}

ScoringModel ScoringModel::withheld(std::uint64_t schema, std::uint8_t shift) {
  ScoringModel model;
  model.schema_ = schema;
  model.shift_ = shift;
  return model;
}

ScoringModel::ScoringModel(std::uint64_t schema, std::uint8_t shift, const Basis& basis,
                           std::span<const double> weights, std::span<const float> input_means, const Meaning& meaning,
                           const ScoreHistogram& scores)
    : active_(true),
      schema_(schema),
      shift_(shift),
      intercept_(weights[0]),
      meaning_(meaning),
      scores_(scores),
      percentiles_(scores) {
  features_.resize(basis.features());
  for (std::size_t index = 0; index < features_.size(); ++index) {
    const FeatureBasis& feature = basis.feature(index);
    FeatureTable& table = features_[index];
    table.text = feature.text;
    table.unknown = weights[feature.first];
    if (feature.text) {
      for (std::uint32_t bucket = 0; bucket < kTextBuckets; ++bucket)
        table.buckets.push_back(weights[feature.first + 1 + bucket]);
    } else if (feature.varies()) {
      const auto add = [&](float at, std::size_t hat) {
        table.knots[table.count] = at;
        table.values[table.count++] =
            weights[feature.hat(hat)] + weights[feature.linear()] * ((at - feature.mean) / feature.scale);
      };
      add(feature.low(), 0);
      for (std::size_t knot = 0; knot < feature.knots.size(); ++knot) add(feature.knots[knot], knot);
      add(feature.high(), feature.knots.size() - 1);
    }
    double mean = 0;
    for (std::uint32_t input = feature.first; input < feature.first + feature.inputs(); ++input)
      mean += weights[input] * static_cast<double>(input_means[input]);
    intercept_ += mean;
    table.centre(mean);
    table.set_slopes();
  }
}

ScoringModel::ScoringModel(std::uint64_t schema, std::uint8_t shift, std::size_t estimator,
                           std::shared_ptr<const FittedModel> fitted, const Meaning& meaning,
                           const ScoreHistogram& scores)
    : active_(true),
      schema_(schema),
      shift_(shift),
      estimator_(estimator),
      fitted_(std::move(fitted)),
      meaning_(meaning),
      scores_(scores),
      percentiles_(scores) {
  NUDGE_CHECK(estimator > 0 && estimator < estimators().size() && fitted_, "a model that is not the linear one");
}

double ScoringModel::margin(std::span<const float> row, std::span<double> contributions) const {
  if (fitted_) return fitted_->margin(row, contributions);
  double sum = intercept_;
  for (std::size_t feature = 0; feature < features_.size(); ++feature)
    sum += contributions[feature] = features_[feature].at(row[feature]);
  return sum;
}

double ScoringModel::margin(std::span<const float> row) const {
  if (fitted_) return fitted_->margin(row);
  double sum = intercept_;
  for (std::size_t feature = 0; feature < features_.size(); ++feature) sum += features_[feature].at(row[feature]);
  return sum;
}

void ScoringModel::encode(Encoder& out) const {
  out.byte(static_cast<std::uint8_t>(active_ ? 1 + estimator_ : 0));
  out.fixed64(schema_);
  out.byte(shift_);
  if (!active_) return;
  if (fitted_)
    fitted_->encode(out);
  else
    encode_tables(out);
  meaning_.encode(out);
  scores_.encode(out);
}

void ScoringModel::encode_tables(Encoder& out) const {
  out.real(intercept_);
  out.varint(features_.size());
  for (const FeatureTable& table : features_) {
    out.boolean(table.text);
    out.real(table.unknown);
    if (table.text) {
      for (const double bucket : table.buckets) out.real(bucket);
      continue;
    }
    out.varint(table.count);
    for (std::uint32_t knot = 0; knot < table.count; ++knot) {
      out.real32(table.knots[knot]);
      out.real(table.values[knot]);
    }
  }
}

std::optional<ScoringModel> ScoringModel::decode(std::string_view bytes) {
  Decoder in(bytes);
  ScoringModel model;
  const std::uint8_t kind = in.byte();
  model.active_ = kind > 0;
  model.schema_ = in.fixed64();
  model.shift_ = in.byte();
  if (model.active_) {
    model.estimator_ = kind - 1u;
    if (model.estimator_ >= estimators().size()) return std::nullopt;
    if (model.estimator_ > 0)
      model.fitted_ = estimators()[model.estimator_].decode(in);
    else
      model.decode_tables(in);
    if (!in.ok()) return std::nullopt;
    model.meaning_.decode(in);
    model.scores_.decode(in);
    model.percentiles_ = PercentileTable(model.scores_);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return model;
}

void ScoringModel::decode_tables(Decoder& in) {
  intercept_ = in.real();
  features_.resize(in.count(9));
  for (FeatureTable& table : features_) {
    table.text = in.boolean();
    table.unknown = in.real();
    if (table.text) {
      table.buckets.resize(kTextBuckets);
      for (double& bucket : table.buckets) bucket = in.real();
      continue;
    }
    table.count = static_cast<std::uint32_t>(in.varint());
    if (table.count > kTableKnots) return in.fail();
    for (std::uint32_t knot = 0; knot < table.count; ++knot) {
      table.knots[knot] = in.real32();
      table.values[knot] = in.real();
    }
    table.set_slopes();
  }
}

std::int32_t probability_micro(double log_odds) {
  const double p = portable::sigmoid(log_odds);
  const auto micro = static_cast<std::int32_t>(p * kProbabilityOne + 0.5);
  return std::clamp(micro, 1, kProbabilityOne - 1);
}

}  // namespace nudge::scores
