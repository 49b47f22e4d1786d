// The global part of one segmentation: all micro-clusters of the population, and the versions made of them.
//
// Segments move no more than they must. As long as the centres in force are nearly as good as any, they stay; else they
// go on from where they are; only where others are clearly better does a version jump, and then members decide which
// segment is which (lineage.h).
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "engine/operator.h"
#include "operators/segments/choice_of_k.h"
#include "operators/segments/partial.h"
#include "operators/segments/product_shelf.h"
#include "operators/segments/published.h"
#include "operators/segments/settings.h"

namespace nudge::segments {

class SegmentLearner {
 public:
  // `segmentation` must outlive the learner.
  explicit SegmentLearner(const Segmentation& segmentation)
      : segmentation_(segmentation), shifts_(segmentation.first_shifts()), shelf_(segmentation) {}

  const Segmentation& segmentation() const { return segmentation_; }
  void merge(const Partial& partial);
  // `products`: of a segmentation that is linked with one of products, that one, which has learnt before.
  void learn(Millis epoch_end, bool last, GlobalContext& context, const SegmentLearner* products = nullptr);
  void conclude(const Tally& tally) { conclusion_.merge(tally); }
  // Publishes the valid version once more, as it describes those who were concluded.
  void finish(Millis end, GlobalContext& context);

  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 private:
  bool is_due(Millis epoch_end) const;
  // The population as of now, in no more groups than may be.
  void sum_up(Millis epoch_end);
  void learn_anew(Millis epoch_end, bool last, GlobalContext& context);
  // Whether the version before is still good enough; then `points` and `clustering` are those of its space.
  bool goes_on(const std::vector<const ClusterFeature*>& groups, Published& next, WeightedPoints& points,
               Clustering& clustering) const;
  // The best clustering from any start: of the k that is configured, or chosen.
  Candidate find(const WeightedPoints& points, Published& next) const;
  // The better of what follows from the version before and of what is found afresh.
  Clustering cluster(const WeightedPoints& points, Published& next) const;
  // Numbers of segments: those that go on keep theirs.
  void trace_back(const WeightedPoints& points, Clustering& clustering, Published& next);
  const Published* before() const { return versions_.empty() ? nullptr : &versions_.back(); }
  // Of the weeks that count.
  Outcomes outcomes() const;
  void remember(const Published& version, const std::vector<SegmentFigures>& figures, Millis epoch_end);
  void publish_last(Millis epoch_end, GlobalContext& context);
  // Products are at hand here: each gets its segment by the version in force.
  void place_products(Millis epoch_end, bool last, GlobalContext& context);
  // The version in force once more, by the micro-clusters: of entities that cannot be looked at again.
  void describe_last(Millis epoch_end, GlobalContext& context) const;

  const Segmentation& segmentation_;
  GridShifts shifts_;
  Panes panes_;
  ProductShelf shelf_;          // of a segmentation of products, instead
  Purchases purchases_;         // of the window
  std::optional<Links> links_;  // of the epoch under way
  std::uint64_t left_out_ = 0;
  std::map<std::int64_t, Outcomes> outcomes_;  // by the week in which they became known
  Outcomes heard_;                             // of the partials under way
  MicroClusters whole_;                        // the sum of the panes, while it is learnt from
  std::deque<Published> versions_;             // the one in force, and those that are to come
  std::int64_t version_ = 0;
  std::int32_t next_number_ = 1;
  Millis learned_at_ = kBeforeAll;
  Millis began_at_ = kNever;                             // the end of the first epoch with anybody
  std::map<std::int32_t, std::deque<Earlier>> history_;  // by number
  std::optional<Published> final_;                       // at a replay's end: what finish() publishes
  Tally last_;                                           // of the partials under way
  std::int64_t last_version_ = 0;
  Tally conclusion_;
};

}  // namespace nudge::segments
