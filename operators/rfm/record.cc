#include "operators/rfm/record.h"

namespace nudge::rfm {
namespace {

constexpr int kNanoDecimals = 9, kMilliDecimals = 3;

void member(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  json.key(name);
  value ? json.number(*value) : json.null();
}

void money(JsonWriter& json, std::string_view name, const std::optional<Nano>& value) {
  json.key(name);
  value ? json.decimal(*value, kNanoDecimals) : json.null();
}

void class_member(JsonWriter& json, std::string_view name, const std::optional<Classes>& classes,
                  std::uint8_t Classes::*which) {
  json.key(name);
  classes ? json.number(static_cast<std::int64_t>((*classes).*which)) : json.null();
}

void order_times(JsonWriter& json, const OrderHistory& history, Millis as_of) {
  if (history.count() == 0) {
    for (const std::string_view name : {"first_order_at", "last_order_at", "recency_days"}) json.member_null(name);
    return;
  }
  json.member_time("first_order_at", history.first());
  json.member_time("last_order_at", history.last());
  json.member("recency_days", static_cast<double>(as_of - history.last()) / static_cast<double>(kDay));
}

}  // namespace

void write_record(const RfmSection& section, Millis as_of, std::string_view trigger, CustomerContext& customer) {
  Outputs& outputs = customer.outputs();
  JsonWriter json = outputs.begin(output::kRfm, customer.customer_id(), customer.cause().event_time);
  json.member("customer_id", customer.customer_id());
  json.member_time("as_of", as_of);
  order_times(json, section.history(), as_of);
  json.member("orders", section.orders());
  json.key("items");
  json.decimal(section.items_milli(), kMilliDecimals);
  money(json, "gross", section.gross());
  money(json, "net", section.net());
  money(json, "returns_net", section.returns_net());
  money(json, "margin", section.margin());
  member(json, "mean_order_value", section.mean_order_value());
  member(json, "interval_mean_days", section.history().interval_mean_days());
  member(json, "interval_sd_days", section.history().interval_deviation_days());
  member(json, "discount_share", section.discount_share());
  member(json, "online_share", section.online_share());
  member(json, "return_rate", section.return_rate());
  class_member(json, "r", section.classes(), &Classes::r);
  class_member(json, "f", section.classes(), &Classes::f);
  class_member(json, "m", section.classes(), &Classes::m);
  for (const std::string_view name : {"p_alive", "expected_orders_90d", "clv_365d"}) json.member_null(name);
  json.member("trigger", trigger);
  outputs.end(json, output::kRfm);
}

}  // namespace nudge::rfm
