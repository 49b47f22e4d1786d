// Reads a customer as a point of a segmentation: the columns of its features, transformed.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/customer_condition.h"
#include "operators/segments/cluster_feature.h"
#include "operators/segments/settings.h"

namespace nudge::segments {

class CustomerReader {
 public:
  // `segmentation` must outlive the reader.
  CustomerReader(const Segmentation& segmentation, const ColumnCatalog& columns);

  // False where the customer belongs to no segment. Else the point and, until the next read, y().
  bool read(const CustomerContext& customer, Point& point);
  std::span<const double> y() const { return y_; }  // transformed values; unknown is NaN
  // The transformed values at a later time, if nothing happens until then; until the next read.
  std::span<const double> y_at(const CustomerContext& customer, Millis later);

 private:
  bool belongs(const CustomerContext& customer);

  const Segmentation& segmentation_;
  std::optional<CustomerCondition> among_;
  std::optional<ColumnRef> orders_, value_, margin_;
  std::vector<double> y_, later_y_;
};

}  // namespace nudge::segments
