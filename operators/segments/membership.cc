#include "operators/segments/membership.h"

#include "operators/segments/section.h"
#include "operators/segments/segment_model.h"

namespace nudge::segments {
namespace {

void write_segment(JsonWriter& json, std::string_view name, std::int32_t segment) {
  if (segment == kNoSegment)
    json.member_null(name);
  else
    json.member(name, segment_id(segment));
}

}  // namespace

void write_membership(const Segmentation& segmentation, const Member& member, const Membership& membership, Millis at,
                      Outputs& outputs) {
  const std::string_view key = member.customer.empty() ? member.entity : member.customer;
  JsonWriter json = outputs.begin(output::kSegments, key, at);
  json.member("record", "membership");
  json.member("id", std::string_view(segmentation.name));
  json.member("entity_id", member.entity);
  if (!member.customer.empty()) json.member("customer_id", member.customer);
  write_segment(json, "segment_id", membership.segment);
  write_segment(json, "previous", membership.previous);
  if (membership.segment == kNoSegment)
    json.member_null("distance");
  else
    json.member("distance", membership.distance);
  json.member("version", membership.version);
  outputs.end(json, output::kSegments);
}

}  // namespace nudge::segments
