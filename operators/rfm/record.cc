#include "operators/rfm/record.h"

namespace nudge::rfm {
namespace {

constexpr int kNanoDecimals = 9, kMilliDecimals = 3;

template <MemberName kName>
void member(JsonWriter& json, const std::optional<double>& value) {
  json.key<kName>();
  value ? json.number(*value) : json.null();
}

template <MemberName kName>
void money(JsonWriter& json, const std::optional<Nano>& value) {
  json.key<kName>();
  value ? json.decimal(*value, kNanoDecimals) : json.null();
}

void order_times(JsonWriter& json, const OrderHistory& history, Millis as_of) {
  if (history.count() == 0) return json.members(R"("first_order_at":null,"last_order_at":null,"recency_days":null)");
  json.member_time<"first_order_at">(history.first());
  json.member_time<"last_order_at">(history.last());
  json.member<"recency_days">(static_cast<double>(as_of - history.last()) / static_cast<double>(kDay));
}

void write_classes(JsonWriter& json, const std::optional<Classes>& classes) {
  if (!classes) return json.members(R"("r":null,"f":null,"m":null)");
  json.member<"r">(int{classes->r});
  json.member<"f">(int{classes->f});
  json.member<"m">(int{classes->m});
}

void write_lifetime(JsonWriter& json, const std::optional<Lifetime>& lifetime) {
  if (!lifetime) return json.members(R"("p_alive":null,"expected_orders_90d":null,"clv_365d":null)");
  json.member<"p_alive">(lifetime->p_alive);
  json.member<"expected_orders_90d">(lifetime->expected_orders_90d);
  member<"clv_365d">(json, lifetime->clv_365d);
}

}  // namespace

void write_record(const RfmSection& section, const std::optional<Lifetime>& lifetime, Millis as_of,
                  std::string_view trigger, CustomerContext& customer) {
  Outputs& outputs = customer.outputs();
  JsonWriter json = outputs.begin(output::kRfm, customer.customer_id(), customer.cause().event_time);
  json.member<"customer_id">(customer.customer_id());
  json.member_time<"as_of">(as_of);
  order_times(json, section.history(), as_of);
  json.member<"orders">(section.orders());
  json.key<"items">();
  json.decimal(section.items_milli(), kMilliDecimals);
  money<"gross">(json, section.gross());
  money<"net">(json, section.net());
  money<"returns_net">(json, section.returns_net());
  money<"margin">(json, section.margin());
  member<"mean_order_value">(json, section.mean_order_value());
  member<"interval_mean_days">(json, section.history().interval_mean_days());
  member<"interval_sd_days">(json, section.history().interval_deviation_days());
  member<"discount_share">(json, section.discount_share());
  member<"online_share">(json, section.online_share());
  member<"return_rate">(json, section.return_rate());
  write_classes(json, section.classes());
  write_lifetime(json, lifetime);
  json.member<"trigger">(trigger);
  outputs.end(json, output::kRfm);
}

}  // namespace nudge::rfm
