// exp, log, pow and their kin, whose last bit does not depend on the CPU (SLEEF's deterministic variants; glibc chooses
// by CPU).
// Everything that reaches an output uses these, never <cmath>'s.
#pragma once

#include <span>

namespace nudge::portable {

double exp(double x);
double log(double x);
double log1p(double x);
double expm1(double x);
double pow(double base, double exponent);
double erfc(double x);
// Of many values in their place: the same bits as one by one, in half the time.
void exp_each(std::span<double> values);
void log1p_each(std::span<double> values);
void expm1_each(std::span<double> values);
inline double sigmoid(double margin) { return 1.0 / (1.0 + exp(-margin)); }

}  // namespace nudge::portable
