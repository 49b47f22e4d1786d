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
  coarsen(partial_.changes.panes, shifts_);
}

void Keeper::count(std::int64_t number, const Point& point, int sign) {
  MicroClusters& changes = pane(partial_.changes.panes, number, shifts_);
  sign > 0 ? changes.add(point) : changes.remove(point);
  log_.point(number, point, sign, partial_.changes);
}

void Keeper::encode(Encoder& out) const {
  partial_.outcomes.encode(out);
  partial_.last.encode(out);
  out.zigzag(partial_.last_version);
}

bool Keeper::decode(Decoder& in) {
  const bool is_good = partial_.outcomes.decode(in) && partial_.last.decode(in);
  partial_.last_version = in.zigzag();
  return is_good && in.ok();
}

void Keeper::take_partial(Encoder& out) {
  partial_.encode(out);
  partial_.changes.clear();
  log_.clear();
  partial_.outcomes.clear();
  partial_.last = {};
}

}  // namespace nudge::segments
