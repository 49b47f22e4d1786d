#include "operators/segments/similar_customers.h"

#include <algorithm>
#include <cmath>

#include "operators/segments/population.h"

namespace nudge::segments {

SimilarCustomers::SimilarCustomers(std::vector<Feature> features)
    : features_(std::move(features)), total_(features_.size()) {
  for (Feature& feature : features_) feature.weight = 1;  // the question brings its own
}

std::vector<double> SimilarCustomers::y_of(std::span<const double> values) const {
  std::vector<double> y;
  for (std::size_t j = 0; j < features_.size(); ++j) y.push_back(transformed(features_[j].transform, values[j]));
  return y;
}

void SimilarCustomers::add(std::string_view id, std::span<const double> values) {
  table_.reset();
  ids_.emplace_back(id);
  const std::vector<double> y = y_of(values);
  Point point;
  for (const double each : y) point.y.push_back(to_fixed(each));
  total_.add(point);
  y_.insert(y_.end(), y.begin(), y.end());
}

std::optional<std::vector<double>> SimilarCustomers::values_of(std::string_view id) const {
  const auto found = std::find(ids_.begin(), ids_.end(), id);
  if (found == ids_.end()) return std::nullopt;
  const auto row = static_cast<std::size_t>(found - ids_.begin());
  std::vector<double> values;
  for (std::size_t j = 0; j < features_.size(); ++j)
    values.push_back(restored(features_[j].transform, y_[row * features_.size() + j]));
  return values;
}

void SimilarCustomers::prepare() const {
  if (table_) return;
  table_.emplace(features_.size());
  scalings_ = scalings_of(total_, features_);
  std::vector<float> z(features_.size());
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    for (std::size_t j = 0; j < z.size(); ++j) z[j] = static_cast<float>(scalings_[j].z_of(y_[i * z.size() + j]));
    table_->set(i, z);
  }
}

std::vector<SimilarCustomer> SimilarCustomers::find(std::span<const double> values, std::span<const double> weights,
                                                    std::size_t most, std::string_view without) const {
  prepare();
  const std::vector<double> y = y_of(values);
  std::vector<float> z, of_weights;
  for (std::size_t j = 0; j < y.size(); ++j) {
    z.push_back(static_cast<float>(scalings_[j].z_of(y[j])));
    of_weights.push_back(static_cast<float>(weights[j]));
  }
  std::vector<SimilarCustomer> found;
  for (const Similar& each : table_->nearest(z, of_weights, most + (without.empty() ? 0 : 1))) {
    if (found.size() == most || (!without.empty() && ids_[each.row] == without)) continue;
    SimilarCustomer& customer = found.emplace_back();
    customer.id = ids_[each.row];
    customer.distance = std::sqrt(static_cast<double>(each.squared_distance));
    const std::vector<double> parts = table_->contributions(each.row, z, of_weights);
    for (std::size_t j = 0; j < y.size(); ++j)
      customer.parts.push_back({restored(features_[j].transform, y_[each.row * y.size() + j]), values[j], parts[j]});
  }
  return found;
}

}  // namespace nudge::segments
