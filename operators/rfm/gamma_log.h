// ln Γ and its first two derivatives (digamma, trigamma), for x > 0; absolute errors below 1e-13 from 1e-3 on.
//
// Stirling's series from 10 on, and the recurrence below; the same bits on every CPU.
#pragma once

namespace nudge::rfm {

struct GammaLog {
  double value = 0, first = 0, second = 0;
};
GammaLog gamma_log(double x);

}  // namespace nudge::rfm
