#include "engine/portable_math.h"

#include <sleef.h>

namespace nudge::portable {
namespace {

#ifdef __SSE2__
template <auto kPair, double (*kOne)(double)>
void each(std::span<double> values) {
  std::size_t i = 0;
  for (; i + 2 <= values.size(); i += 2) _mm_storeu_pd(&values[i], kPair(_mm_loadu_pd(&values[i])));
  for (; i < values.size(); ++i) values[i] = kOne(values[i]);
}
#else
template <double (*kOne)(double)>
void each(std::span<double> values) {
  for (double& value : values) value = kOne(value);
}
#endif

}  // namespace

double exp(double x) { return Sleef_cinz_expd1_u10purec(x); }
double log(double x) { return Sleef_cinz_logd1_u10purec(x); }
double log1p(double x) { return Sleef_cinz_log1pd1_u10purec(x); }
double expm1(double x) { return Sleef_cinz_expm1d1_u10purec(x); }
double pow(double base, double exponent) { return Sleef_cinz_powd1_u10purec(base, exponent); }
double erfc(double x) { return Sleef_cinz_erfcd1_u15purec(x); }

#ifdef __SSE2__
void exp_each(std::span<double> values) { each<Sleef_cinz_expd2_u10sse2, exp>(values); }
void log1p_each(std::span<double> values) { each<Sleef_cinz_log1pd2_u10sse2, log1p>(values); }
void expm1_each(std::span<double> values) { each<Sleef_cinz_expm1d2_u10sse2, expm1>(values); }
#else
void exp_each(std::span<double> values) { each<exp>(values); }
void log1p_each(std::span<double> values) { each<log1p>(values); }
void expm1_each(std::span<double> values) { each<expm1>(values); }
#endif

}  // namespace nudge::portable
