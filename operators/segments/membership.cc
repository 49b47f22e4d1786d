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

void write_membership(const Segmentation& segmentation, const Membership& membership, CustomerContext& customer) {
  JsonWriter json = customer.outputs().begin(output::kSegments, customer.customer_id(), customer.now());
  json.member("record", "membership");
  json.member("id", std::string_view(segmentation.name));
  json.member("entity_id", customer.customer_id());
  json.member("customer_id", customer.customer_id());
  write_segment(json, "segment_id", membership.segment);
  write_segment(json, "previous", membership.previous);
  if (membership.segment == kNoSegment)
    json.member_null("distance");
  else
    json.member("distance", membership.distance);
  json.member("version", membership.version);
  customer.outputs().end(json, output::kSegments);
}

}  // namespace nudge::segments
