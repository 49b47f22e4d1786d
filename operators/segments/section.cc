#include "operators/segments/section.h"

#include <algorithm>

namespace nudge::segments {

Standing& SegmentsSection::of(std::uint32_t segmentation) {
  for (Standing& standing : standings_)
    if (standing.segmentation == segmentation) return standing;
  return standings_.emplace_back(Standing{segmentation, {}, kNoSegment, kNever});
}

const Standing* SegmentsSection::find(std::uint32_t segmentation) const {
  for (const Standing& standing : standings_)
    if (standing.segmentation == segmentation) return &standing;
  return nullptr;
}

Millis SegmentsSection::changes_at() const {
  Millis first = kNever;
  for (const Standing& standing : standings_) first = std::min(first, standing.changes_at);
  return first;
}

void SegmentsSection::encode(Encoder& out) const {
  out.varint(standings_.size());
  for (const Standing& standing : standings_) {
    out.fixed32(standing.segmentation);
    out.zigzag(standing.segment);
    out.zigzag(standing.changes_at);
    out.boolean(standing.counted.has_value());
    if (standing.counted) standing.counted->encode(out);
  }
}

std::unique_ptr<Section> SegmentsSection::decode(std::uint32_t version, std::string_view bytes) {
  auto section = std::make_unique<SegmentsSection>();
  Decoder in(bytes);
  section->standings_.resize(in.count(7));
  for (Standing& standing : section->standings_) {
    standing.segmentation = in.fixed32();
    standing.segment = static_cast<std::int32_t>(in.zigzag());
    standing.changes_at = in.zigzag();
    if (in.boolean() && !standing.counted.emplace().decode(in)) return nullptr;
  }
  if (version != kVersion || !in.ok() || !in.at_end()) return nullptr;
  return section;
}

}  // namespace nudge::segments
