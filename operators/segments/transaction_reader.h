// Reads a sale as a point of a segmentation of transactions: its value, its discount, when and where it was made, how
// many categories it has.
#pragma once

#include <span>
#include <vector>

#include "engine/event.h"
#include "operators/segments/cluster_feature.h"
#include "operators/segments/sale_categories.h"
#include "operators/segments/settings.h"

namespace nudge::segments {

// The features that there are, as columns without a reader; those of a segmentation point into them.
std::span<const Column> transaction_features();

class TransactionReader {
 public:
  // `segmentation` must outlive the reader.
  explicit TransactionReader(const Segmentation& segmentation);

  // False where it is no sale. A function of the event's bytes and of its categories. Else the point and, until the
  // next read, y().
  bool read(const Event& transaction, CategoryCount categories, Point& point);
  std::span<const double> y() const { return y_; }  // transformed values; unknown is NaN

 private:
  const Segmentation& segmentation_;
  std::vector<std::size_t> places_;  // of the features among transaction_features()
  std::vector<double> y_;
};

}  // namespace nudge::segments
