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

  // What a commit stores: what has changed, in pieces that are numbered from first_piece() on; the rest is short.
  std::uint64_t first_piece() const { return std::uint64_t{segmentation_.id} << 32; }
  void write_pieces(PieceWriter& out) { log_.write(partial_.changes, first_piece(), out); }
  bool read_piece(std::string_view piece) { return log_.read(piece, shifts_, partial_.changes); }
  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 protected:
  // `sign` is 1 for one more, −1 for one less.
  void count(std::int64_t number, const Point& point, int sign);

  const Segmentation& segmentation_;
  std::optional<SegmentModel> model_;  // as adopted
  std::int64_t version_ = 0;
  GridShifts shifts_;
  Partial partial_;
  ChangeLog log_;  // of partial_.changes
  Point point_;    // of the entity under way
  std::vector<double> z_;
};

}  // namespace nudge::segments
