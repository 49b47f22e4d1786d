#include "operators/rfm/gamma_log.h"

#include "engine/portable_math.h"

namespace nudge::rfm {
namespace {

constexpr double kSeriesFrom = 10;
constexpr double kHalfLogTwoPi = 0.91893853320467274178;
// B(2k) / (2k (2k − 1)) of Stirling's series for ln Γ; the derivatives follow term by term.
constexpr double kStirling[] = {1.0 / 12,   -1.0 / 360,       1.0 / 1260, -1.0 / 1680,
                                1.0 / 1188, -691.0 / 360'360, 1.0 / 156,  -3617.0 / 122'400};

}  // namespace

GammaLog gamma_log(double x) {
  GammaLog result;
  // Γ(x) = Γ(x + n) / (x (x + 1) … (x + n − 1))
  double product = 1;
  for (; x < kSeriesFrom; ++x) {
    const double inverse = 1 / x;
    product *= x;
    result.first -= inverse;
    result.second += inverse * inverse;
  }
  const double log_x = portable::log(x), inverse = 1 / x, square = inverse * inverse;
  double value = 0, first = 0, second = 0, power = inverse, exponent = 1;  // of 1 / x
  for (const double factor : kStirling) {
    const double term = factor * power;
    value += term;
    first -= exponent * term;
    second += exponent * (exponent + 1) * term;
    power *= square;
    exponent += 2;
  }
  result.value = (x - 0.5) * log_x - x + kHalfLogTwoPi + value;
  result.first += log_x - 0.5 * inverse + first * inverse;
  result.second += inverse + 0.5 * square + second * square;
  if (product != 1) result.value -= portable::log(product);
  return result;
}

}  // namespace nudge::rfm
