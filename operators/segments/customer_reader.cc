#include "operators/segments/customer_reader.h"

#include <cmath>
#include <limits>

namespace nudge::segments {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Nano nano(double money) { return static_cast<Nano>(std::nearbyint(money * 1e9)); }

}  // namespace

CustomerReader::CustomerReader(const Segmentation& segmentation, const ColumnCatalog& columns)
    : segmentation_(segmentation),
      orders_(columns.find("orders")),
      value_(columns.find("gross")),
      margin_(columns.find("margin")),
      y_(segmentation.features.size()),
      later_y_(y_.size()) {
  if (!segmentation.among.empty()) among_.emplace(segmentation.among, columns);
}

bool CustomerReader::belongs(const CustomerContext& customer) {
  if (!among_) return !orders_ || as_real(customer.value(*orders_), 0) >= 1;
  return among_->holds(customer);
}

std::span<const double> CustomerReader::y_at(const CustomerContext& customer, Millis later) {
  for (std::size_t j = 0; j < later_y_.size(); ++j) {
    const Feature& feature = segmentation_.features[j];
    later_y_[j] = transformed(feature.transform, as_real(customer.value_at(feature.column, later), kNaN));
  }
  return later_y_;
}

bool CustomerReader::read(const CustomerContext& customer, Point& point) {
  if (!belongs(customer)) return false;
  point.y.resize(y_.size());
  for (std::size_t j = 0; j < y_.size(); ++j) {
    const Feature& feature = segmentation_.features[j];
    y_[j] = transformed(feature.transform, as_real(customer.value(feature.column), kNaN));
    point.y[j] = to_fixed(y_[j]);
  }
  point.value = value_ ? nano(as_real(customer.value(*value_), 0)) : 0;
  const double margin = margin_ ? as_real(customer.value(*margin_), kNaN) : kNaN;
  point.has_margin = margin == margin;
  point.margin = point.has_margin ? nano(margin) : 0;
  return true;
}

}  // namespace nudge::segments
