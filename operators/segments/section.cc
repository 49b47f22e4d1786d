#include "operators/segments/section.h"

#include <algorithm>

#include "operators/segments/segment_model.h"

namespace nudge::segments {

void Standing::put_into(std::int32_t number) {
  segment = number;
  segment_id = number == kNoSegment ? std::string() : segments::segment_id(number);
}

Standing& SegmentsSection::of(const Segmentation& segmentation) {
  for (Standing& standing : standings_)
    if (standing.segmentation == segmentation.id) return standing;
  // What it was under other features counts no more.
  std::erase_if(standings_, [&](const Standing& standing) { return standing.name == name_hash(segmentation.name); });
  Standing& standing = standings_.emplace_back();
  standing.segmentation = segmentation.id;
  standing.name = name_hash(segmentation.name);
  return standing;
}

const Standing* SegmentsSection::named(std::uint64_t name) const {
  for (const Standing& standing : standings_)
    if (standing.name == name) return &standing;
  return nullptr;
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
    out.fixed64(standing.name);
    out.zigzag(standing.segment);
    out.zigzag(standing.changes_at);
    out.boolean(standing.counted.has_value());
    if (standing.counted) standing.counted->encode(out);
  }
}

std::unique_ptr<Section> SegmentsSection::decode(std::uint32_t version, std::string_view bytes) {
  auto section = std::make_unique<SegmentsSection>();
  Decoder in(bytes);
  section->standings_.resize(in.count(15));
  for (Standing& standing : section->standings_) {
    standing.segmentation = in.fixed32();
    standing.name = in.fixed64();
    standing.put_into(static_cast<std::int32_t>(in.zigzag()));
    standing.changes_at = in.zigzag();
    if (in.boolean() && !standing.counted.emplace().decode(in)) return nullptr;
  }
  if (version != kVersion || !in.ok() || !in.at_end()) return nullptr;
  return section;
}

}  // namespace nudge::segments
