#include "engine/event_json.h"

#include "engine/json_writer.h"
#include "engine/member_table.h"

namespace nudge {
namespace {

constexpr int kMoneyDecimals = 6, kQuantityDecimals = 3;

void write_money(JsonWriter& json, std::string_view name, std::optional<Micro> money) {
  if (!money) return;
  json.key(name);
  json.decimal_text(*money, kMoneyDecimals);
}

void write_item(JsonWriter& json, const LineItem& line) {
  json.begin_object();
  json.member("product_id", line.product_id);
  json.key("quantity");
  json.decimal(line.quantity, kQuantityDecimals);
  write_money(json, "unit_price", line.unit_price);
  write_money(json, "list_price", line.list_price);
  write_money(json, "discount", line.discount);
  write_money(json, "unit_cost", line.unit_cost);
  if (!line.return_reason.empty()) json.member("return_reason", line.return_reason);
  json.end_object();
}

void write_item(JsonWriter& json, const Identity& identity) {
  json.begin_object();
  json.member("type", identity.type);
  json.member("value", identity.value);
  json.end_object();
}

void write_item(JsonWriter& json, const Consent& consent) {
  const auto fields = kConsentTable.fields;
  json.begin_object();
  json.member("channel", fields[consent_member::kChannel].choices[static_cast<std::size_t>(consent.channel)]);
  json.member("status", fields[consent_member::kStatus].choices[static_cast<std::size_t>(consent.status)]);
  if (consent.at) json.member_time("at", *consent.at);
  json.end_object();
}

void write_item(JsonWriter& json, std::string_view text) { json.text(text); }

template <typename Item>
void write_list(JsonWriter& json, ItemReader<Item> items) {
  json.begin_array();
  for (Item item; items.next(item);) write_item(json, item);
  json.end_array();
}

void write_value(JsonWriter& json, const Event& event, Field field, const FieldSpec& spec) {
  const std::int64_t number = event.number(field).value_or(0);
  switch (spec.type) {
    case FieldType::kText:
    case FieldType::kIdentifier:
      return json.text(event.text(field));
    case FieldType::kObject:
    case FieldType::kAny:
      return json.raw(event.text(field));
    case FieldType::kInteger:
      return json.number(number);
    case FieldType::kBoolean:
      return json.boolean(number != 0);
    case FieldType::kTime:
      return json.time(number);
    case FieldType::kMoney:
      return json.decimal_text(number, kMoneyDecimals);
    case FieldType::kQuantity:
      return json.decimal(number, kQuantityDecimals);
    case FieldType::kChoice:
      return json.text(spec.choices[static_cast<std::size_t>(number)]);
    case FieldType::kTexts:
      return write_list(json, event.texts(field));
    case FieldType::kLines:
      return write_list(json, event.lines(field));
    case FieldType::kIdentities:
      return write_list(json, event.identities(field));
    case FieldType::kConsents:
      return write_list(json, event.consents(field));
  }
}

}  // namespace

void append_event_json(const Event& event, std::string& out) {
  const auto fields = fields_of(event.topic());
  JsonWriter json(out);
  json.begin_object();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto field = static_cast<Field>(i);
    if (!event.has(field)) continue;
    if (field == field::kExtra) {
      json.raw(event.text(field));
      continue;
    }
    json.key(fields[i].name);
    write_value(json, event, field, fields[i]);
  }
  json.end_object();
}

}  // namespace nudge
