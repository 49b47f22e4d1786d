// Points with weights, in rows of one block: what clustering works on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nudge::segments {

struct WeightedPoints {
  std::size_t dimensions = 0;
  std::vector<double> values;   // row by row
  std::vector<double> weights;  // above 0
  // Of what stands behind a row, the mean squared distance from it; 0 for a single entity.
  std::vector<double> spreads;

  std::size_t size() const { return weights.size(); }
  std::span<const double> row(std::size_t i) const { return {values.data() + i * dimensions, dimensions}; }
};

// Rows of centres, likewise.
struct Centres {
  std::size_t dimensions = 0;
  std::vector<double> values;

  std::size_t size() const { return dimensions == 0 ? 0 : values.size() / dimensions; }
  std::span<const double> row(std::size_t i) const { return {values.data() + i * dimensions, dimensions}; }
  std::span<double> row(std::size_t i) { return {values.data() + i * dimensions, dimensions}; }
  void push_back(std::span<const double> row) { values.insert(values.end(), row.begin(), row.end()); }
  bool operator==(const Centres&) const = default;
};

struct Nearest {
  std::size_t place = 0;  // of equally near ones the first
  double squared_distance = 0;
};
// There is at least one centre.
Nearest nearest(const Centres& centres, std::span<const double> point);

}  // namespace nudge::segments
