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

void SegmentsSection::keep(const PlacedSale& sale) {
  if (placed_.size() == kPlacedMost) placed_.erase(placed_.begin());
  placed_.push_back(sale);
}

std::optional<PlacedSale> SegmentsSection::take(std::uint32_t segmentation, std::uint64_t transaction) {
  const auto found = std::find_if(placed_.begin(), placed_.end(), [&](const PlacedSale& each) {
    return each.segmentation == segmentation && each.transaction == transaction;
  });
  if (found == placed_.end()) return std::nullopt;
  const PlacedSale sale = *found;
  placed_.erase(found);
  return sale;
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
  out.varint(placed_.size());
  for (const PlacedSale& sale : placed_) {
    out.fixed32(sale.segmentation);
    out.fixed64(sale.transaction);
    out.zigzag(sale.customer);
    out.zigzag(sale.order);
  }
  spending_.encode(out);
  categories_.encode(out);
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
  if (version >= 2) {
    section->placed_.resize(in.count(14));
    for (PlacedSale& sale : section->placed_) {
      sale.segmentation = in.fixed32();
      sale.transaction = in.fixed64();
      sale.customer = static_cast<std::int32_t>(in.zigzag());
      sale.order = static_cast<std::int32_t>(in.zigzag());
    }
    if (!section->spending_.decode(in)) return nullptr;
  }
  if (version >= 3 && !section->categories_.decode(in)) return nullptr;
  if (version > kVersion || !in.ok() || !in.at_end()) return nullptr;
  return section;
}

}  // namespace nudge::segments
