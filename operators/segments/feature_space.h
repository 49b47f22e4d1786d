// How a feature becomes a coordinate: z = (transform(x) − mean) / sd. Unknown is NaN before, and 0, the mean, in z.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace nudge::segments {

inline constexpr std::size_t kFeaturesMax = 32;

enum class Transform : std::uint8_t { kNone, kLog1p };
inline constexpr std::string_view kTransformNames[] = {"none", "log1p"};

// log1p takes what is below 0 for 0. NaN stays NaN.
double transformed(Transform transform, double x);
double restored(Transform transform, double y);

struct Scaling {
  Transform transform = Transform::kNone;
  double mean = 0, sd = 1;  // of transform(x); a weight w makes it sd / √w. Never 0.

  double z_of(double y) const { return y == y ? (y - mean) / sd : 0; }
  double y_of(double z) const { return z * sd + mean; }
  bool operator==(const Scaling&) const = default;
};

// `y` are transformed values, one for each scaling.
void scale(std::span<const Scaling> scalings, std::span<const double> y, std::span<double> z);

inline double squared_distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

}  // namespace nudge::segments
