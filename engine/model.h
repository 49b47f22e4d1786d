// What the global stage learned: an immutable, versioned record that every task adopts at the same event time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/time.h"

namespace nudge {

struct Model {
  std::string name;  // unique among all operators, e.g. `rfm.cut_points`, `scores.churn`
  std::int64_t version = 0;
  Millis valid_from = 0;     // tasks use it from this watermark on
  Millis trained_until = 0;  // the end of the last epoch that it has seen
  std::string bytes;         // its encoding; what is stored, sent and read back
};

}  // namespace nudge
