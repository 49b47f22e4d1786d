#include "engine/portable_math.h"

#include <sleef.h>

namespace nudge::portable {

double exp(double x) { return Sleef_cinz_expd1_u10purec(x); }
double log(double x) { return Sleef_cinz_logd1_u10purec(x); }
double log1p(double x) { return Sleef_cinz_log1pd1_u10purec(x); }
double expm1(double x) { return Sleef_cinz_expm1d1_u10purec(x); }
double pow(double base, double exponent) { return Sleef_cinz_powd1_u10purec(base, exponent); }

}  // namespace nudge::portable
