#include "operators/segments/keeper.h"

#include "engine/check.h"

namespace nudge::segments {

Keeper::Keeper(const Segmentation& segmentation)
    : segmentation_(segmentation), shifts_(segmentation.first_shifts()), z_(segmentation.features.size()) {
  partial_.segmentation = segmentation.id;
}

void Keeper::adopt(const Model& model) {
  std::optional<SegmentModel> decoded = SegmentModel::decode(model.bytes);
  NUDGE_CHECK(decoded.has_value(), "a model as it was published");
  if (decoded->segmentation != segmentation_.id) return;  // of other features, from before the configuration changed
  model_ = std::move(decoded);
  version_ = model.version;
  shifts_ = model_->shifts;
  coarsen(partial_.changes, shifts_);
}

void Keeper::take_partial(Encoder& out) {
  partial_.encode(out);
  partial_.changes.clear();
  partial_.products.clear();
  partial_.last = {};
}

}  // namespace nudge::segments
