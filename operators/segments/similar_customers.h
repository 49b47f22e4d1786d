// Customers by how much they are alike: an exact answer under weights that the question brings, with what makes two
// alike.
//
// A difference counts in deviations of its feature over all customers, so that weights compare; unknown counts as the
// mean. 4 bytes a feature and customer, beside the id. Not for threads that add.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "operators/segments/feature_space.h"
#include "operators/segments/settings.h"
#include "operators/segments/similarity.h"

namespace nudge::segments {

struct SimilarCustomer {
  std::string id;
  double distance = 0;
  struct Part {
    double own = 0, asked = 0;  // in the feature's own unit; NaN: unknown
    double squared = 0;         // what it adds to the squared distance: the less, the more alike
  };
  std::vector<Part> parts;  // by feature
};

class SimilarCustomers {
 public:
  explicit SimilarCustomers(std::vector<Feature> features);

  const std::vector<Feature>& features() const { return features_; }
  // `values` in the features' own units, NaN where unknown.
  void add(std::string_view id, std::span<const double> values);
  std::size_t size() const { return ids_.size(); }
  // Nothing where there is no such customer.
  std::optional<std::vector<double>> values_of(std::string_view id) const;

  // The `most` who are most like `values`, the most alike first, of equally near ones who was added first; `without` is
  // not among them. `weights` by feature, not negative: how much a squared difference counts.
  std::vector<SimilarCustomer> find(std::span<const double> values, std::span<const double> weights, std::size_t most,
                                    std::string_view without = {}) const;

 private:
  std::vector<double> y_of(std::span<const double> values) const;

  std::vector<Feature> features_;
  std::vector<std::string> ids_;
  std::vector<double> y_;  // transformed, row by row
  ClusterFeature total_;
  // Made of all at the first question, and anew after more were added.
  mutable std::optional<SimilarityTable> table_;
  mutable std::vector<Scaling> scalings_;
  void prepare() const;
};

}  // namespace nudge::segments
