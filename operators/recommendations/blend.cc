#include "operators/recommendations/blend.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>

#include "engine/portable_math.h"

namespace nudge::recommendations {
namespace {

constexpr double kFirstPrecision = 4, kKept = 0.97;
constexpr int kStepsMost = 30;
constexpr double kConverged = 1e-9;

constexpr std::string_view kRepeatNames[] = {
    "constant", "lately",      "always",       "popularity", "what it goes with", "in the last purchase",
    "due",      "basket rule", "sequence rule"};
constexpr std::string_view kNewNames[] = {"constant", "what it goes with", "curiosity", "basket rule", "sequence rule"};
static_assert(std::size(kRepeatNames) == Features::kOf[0] && std::size(kNewNames) == Features::kOf[1]);

// Shares are told in logarithms, so that one at a time says what it says: that it is the probability.
constexpr double kRepeatMean[] = {0, 0.4, 0.4, 0.2, 0, 0, 0.1, 0.2, 0.2};
constexpr double kNewMean[] = {0, 1, 1, 0.2, 0.2};

// Different rows of one kind, and how often each came, true or not.
struct Counted {
  const Features* features = nullptr;
  double trials = 0, hits = 0;
};

std::vector<Counted> counted(std::span<const Row> rows) {
  std::vector<Counted> all;
  for (const Row& row : rows) {
    if (all.empty() || *all.back().features != row.features) all.push_back({&row.features, 0, 0});
    all.back().trials += 1;
    all.back().hits += row.is_true ? 1 : 0;
  }
  return all;
}

Eigen::VectorXd vector_of(const Features& features, Eigen::Index size) {
  Eigen::VectorXd vector(size);
  for (Eigen::Index i = 0; i < size; ++i) vector[i] = features.values[static_cast<std::size_t>(i)] * kFeatureUnit;
  return vector;
}

}  // namespace

Feature feature_of(double value) {
  constexpr double kMost = 127;
  return static_cast<Feature>(std::lround(std::clamp(value, -kMost, kMost) / kFeatureUnit));
}

std::span<const std::string_view> feature_names(Evidence evidence) {
  return evidence == Evidence::kRepeat ? std::span<const std::string_view>(kRepeatNames) : kNewNames;
}

void Row::encode(Encoder& out) const {
  out.byte(static_cast<std::uint8_t>(static_cast<unsigned>(evidence) << 1 | (is_true ? 1u : 0u)));
  for (std::size_t i = 1; i < Features::kOf[static_cast<std::size_t>(evidence)]; ++i) out.zigzag(features.values[i]);
}

void Row::decode(Decoder& in) {
  const std::uint8_t head = in.byte();
  if (head > 3) return in.fail();
  evidence = static_cast<Evidence>(head >> 1);
  is_true = (head & 1) != 0;
  features = {};
  features.values[0] = feature_of(1);
  for (std::size_t i = 1; i < Features::kOf[static_cast<std::size_t>(evidence)]; ++i)
    features.values[i] = static_cast<Feature>(in.zigzag());
}

// ---- one regression ---------------------------------------------------------------------------------------

Logistic::Logistic(Evidence evidence) {
  const auto size = static_cast<Eigen::Index>(Features::kOf[static_cast<std::size_t>(evidence)]);
  mean_ = Eigen::Map<const Eigen::VectorXd>(evidence == Evidence::kRepeat ? kRepeatMean : kNewMean, size);
  precision_ = Eigen::MatrixXd::Identity(size, size) * kFirstPrecision;
}

double Logistic::probability(const Features& features) const {
  double sum = 0;
  for (Eigen::Index i = 0; i < mean_.size(); ++i)
    sum += mean_[i] * (features.values[static_cast<std::size_t>(i)] * kFeatureUnit);
  return portable::sigmoid(sum);
}

// Newton's method on the logarithm of the posterior, which is concave.
void Logistic::learn(std::span<const Row> rows) {
  if (rows.empty()) return;
  const std::vector<Counted> all = counted(rows);
  const Eigen::VectorXd prior_mean = mean_;
  const Eigen::MatrixXd prior = precision_ * kKept;
  for (int step = 0; step < kStepsMost; ++step) {
    Eigen::VectorXd gradient = prior * (prior_mean - mean_);
    Eigen::MatrixXd curvature = prior;
    for (const Counted& each : all) {
      const Eigen::VectorXd x = vector_of(*each.features, mean_.size());
      const double p = portable::sigmoid(mean_.dot(x));
      gradient += (each.hits - each.trials * p) * x;
      curvature.noalias() += (each.trials * p * (1 - p)) * x * x.transpose();
    }
    precision_ = curvature;
    Eigen::VectorXd move = curvature.ldlt().solve(gradient);
    // Far from the optimum a whole step may overshoot.
    if (const double length = move.norm(); length > 2) move *= 2 / length;
    mean_ += move;
    if (move.squaredNorm() < kConverged) break;
  }
}

void Logistic::encode(Encoder& out) const {
  for (Eigen::Index i = 0; i < mean_.size(); ++i) out.real(mean_[i]);
  for (Eigen::Index i = 0; i < precision_.size(); ++i) out.real(precision_(i));
}

void Logistic::decode(Decoder& in) {
  for (Eigen::Index i = 0; i < mean_.size(); ++i) mean_[i] = in.real();
  for (Eigen::Index i = 0; i < precision_.size(); ++i) precision_(i) = in.real();
}

// ---- both -------------------------------------------------------------------------------------------------

void Blend::learn(std::vector<Row>& rows) {
  std::sort(rows.begin(), rows.end());
  auto begin = rows.begin();
  for (std::size_t i = 0; i < kEvidences; ++i) {
    const auto end = std::find_if(
        begin, rows.end(), [i](const Row& row) { return row.evidence != Evidence{static_cast<std::uint8_t>(i)}; });
    models_[i].learn(std::span(begin, end));
    begin = end;
  }
}

void Blend::encode(Encoder& out) const {
  for (const Logistic& each : models_) each.encode(out);
}
void Blend::decode(Decoder& in) {
  for (Logistic& each : models_) each.decode(in);
}

}  // namespace nudge::recommendations
