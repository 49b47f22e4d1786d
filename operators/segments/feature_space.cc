#include "operators/segments/feature_space.h"

#include <algorithm>

#include "engine/portable_math.h"

namespace nudge::segments {

double transformed(Transform transform, double x) {
  if (transform == Transform::kNone || x != x) return x;
  return portable::log1p(std::max(x, 0.0));
}

double restored(Transform transform, double y) { return transform == Transform::kNone ? y : portable::expm1(y); }

void scale(std::span<const Scaling> scalings, std::span<const double> y, std::span<double> z) {
  for (std::size_t j = 0; j < scalings.size(); ++j) z[j] = scalings[j].z_of(y[j]);
}

}  // namespace nudge::segments
