// A task's part of one segmentation: how its micro-clusters changed since the last partial, and the model in force.
#pragma once

#include <optional>
#include <vector>

#include "engine/operator.h"
#include "operators/segments/partial.h"
#include "operators/segments/segment_model.h"
#include "operators/segments/settings.h"

namespace nudge::segments {

class Keeper {
 public:
  // `segmentation` must outlive the keeper.
  explicit Keeper(const Segmentation& segmentation);

  const Segmentation& segmentation() const { return segmentation_; }
  void adopt(const Model& model);
  // What the global part must know; it counts anew from here.
  void take_partial(Encoder& out);

  void encode(Encoder& out) const { partial_.encode(out); }
  void set(Partial partial) { partial_ = std::move(partial); }

 protected:
  MicroClusters& changes(std::int64_t number) { return pane(partial_.changes, number, shifts_); }

  const Segmentation& segmentation_;
  std::optional<SegmentModel> model_;  // as adopted
  std::int64_t version_ = 0;
  GridShifts shifts_;
  Partial partial_;
  Point point_;  // of the entity under way
  std::vector<double> z_;
};

}  // namespace nudge::segments
