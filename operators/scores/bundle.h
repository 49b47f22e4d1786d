// Scores a bundle of features that somebody sends, of a customer or session that may be none of the shop's: what
// `POST /api/v1/score` answers.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/operator.h"
#include "engine/status.h"
#include "operators/scores/features.h"
#include "operators/scores/reasons.h"
#include "operators/scores/target.h"

namespace nudge::scores {

struct BundleEntry {
  std::string_view name;
  Value value;  // of the feature's type; unknown is as good as left out
};

class BundleScorer {
 public:
  // The target must outlive it.
  BundleScorer(const Target& target, const ColumnCatalog& columns);

  // {target, probability, percentile, band, uncertain, model {name, version, trained_until}, reasons[]} as a record of
  // `scores` has them, by a model of this target as it was published; withheld, where that gives no probabilities.
  // Features that are left out are unknown, or follow from others (derived.h). A failure names the feature that is none
  // of the target's, is there twice, or has a value of another type.
  Result<std::string> score(const Model& model, std::span<const BundleEntry> bundle);

 private:
  Status place(std::span<const BundleEntry> bundle);

  const Target& target_;
  FeatureSet features_;
  ReasonWriter reasons_;
  std::vector<Value> values_;  // of the bundle, by feature
};

}  // namespace nudge::scores
