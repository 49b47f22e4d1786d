#include "operators/segments/link_record.h"

#include "operators/segments/segment_model.h"

namespace nudge::segments {
namespace {

constexpr double kQValueMost = 0.05;
constexpr std::size_t kLinksMost = 200;

void write_link(const Link& link, JsonWriter& json) {
  json.begin_object();
  json.member("customer_segment", segment_id(link.customer));
  json.member("product_segment", segment_id(link.product));
  json.member("transaction_segment", segment_id(link.order));
  json.member("n", link.n);
  json.member("expected", link.expected);
  json.member("lift", link.lift);
  json.member("p_value", link.p_value);
  json.member("q_value", link.q_value);
  json.key("weeks");
  json.begin_array();
  for (const std::int64_t n : link.weeks) json.number(n);
  json.end_array();
  json.end_object();
}

}  // namespace

void write_links(const Links& links, JsonWriter& json) {
  json.key("links");
  json.begin_object();
  json.member_time("from", links.first_week * kWeek);
  json.member("weeks", links.weeks);
  json.member("orders", links.orders);
  json.member("lines", links.lines);
  json.member("design_effect", links.design_effect);
  json.member("tested", static_cast<std::uint64_t>(links.all.size()));
  json.key("found");
  json.begin_array();
  for (std::size_t i = 0; i < links.all.size() && i < kLinksMost && links.all[i].q_value <= kQValueMost; ++i)
    write_link(links.all[i], json);
  json.end_array();
  json.end_object();
}

}  // namespace nudge::segments
