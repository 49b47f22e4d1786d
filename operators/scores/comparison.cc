#include "operators/scores/comparison.h"

#include <algorithm>
#include <cmath>

#include "engine/portable_math.h"

namespace nudge::scores {
namespace {

// c²: tuned for means as large as their deviation, which is seen after a dozen blocks.
constexpr double kPrior = 1;

}  // namespace

void Comparison::add(double difference) {
  blocks_ += 1;
  const double away = difference - mean_;
  mean_ += away / static_cast<double>(blocks_);
  squares_ += away * (difference - mean_);
}

// M < 1/α solved for the supposed mean m: (x̄ − m)² (n − k) ≤ k · s², k = (n + c²)(1 − (α² c² / (n + c²))^(1/n)).
Comparison::Interval Comparison::interval(double error) const {
  if (blocks_ < kBlocksLeast) return {.mean = mean_};
  const auto n = static_cast<double>(blocks_);
  const double root = portable::pow(error * error * kPrior / (n + kPrior), 1 / n);
  const double k = (n + kPrior) * (1 - root);
  if (k >= n) return {.mean = mean_};
  const double radius = std::sqrt(squares_ / n * k / (n - k));
  return {mean_, std::max(mean_ - radius, -1.0), std::min(mean_ + radius, 1.0)};
}

void Comparison::encode(Encoder& out) const {
  out.varint(blocks_);
  out.real(mean_);
  out.real(squares_);
}

void Comparison::decode(Decoder& in) {
  blocks_ = in.varint();
  mean_ = in.real();
  squares_ = in.real();
  if (!(squares_ >= 0)) in.fail();
}

}  // namespace nudge::scores
