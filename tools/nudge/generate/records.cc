#include "tools/nudge/generate/records.h"

namespace nudge::generate {

namespace {

constexpr std::string_view kSource = "plant";
constexpr int kMoneyDecimals = 6;
constexpr std::size_t kUsualBytes = 320;

// Begins the record with what all have; the destructor of the caller's scope ends it by `text`.
class Record {
 public:
  Record(std::string_view event_id, Millis time) : json_(text_) {
    text_.reserve(kUsualBytes);
    json_.begin_object();
    json_.member("event_id", event_id);
    json_.member_time("event_time", time);
    json_.member("source", kSource);
  }
  Record(std::string_view event_id, Millis time, const Person& person) : Record(event_id, time) {
    known("customer_id", person.customer);
    known("visitor_id", person.visitor);
  }
  JsonWriter& json() { return json_; }
  void known(std::string_view name, std::string_view value) {
    if (!value.empty()) json_.member(name, value);
  }
  void money(std::string_view name, Micro value) {
    json_.key(name);
    json_.decimal(value, kMoneyDecimals);
  }
  std::string text() && {
    json_.end_object();
    return std::move(text_);
  }

 private:
  std::string text_;
  JsonWriter json_;
};

void write_line(Record& record, const SaleLine& line, bool is_return) {
  JsonWriter& json = record.json();
  json.begin_object();
  json.member("product_id", line.product_id);
  json.member("quantity", line.quantity);
  record.money("unit_price", line.unit_price);
  record.money("list_price", line.list_price);
  record.money("discount", (line.list_price - line.unit_price) * line.quantity);
  record.money("unit_cost", line.unit_cost);
  if (is_return) json.member("return_reason", "size");
  json.end_object();
}

}  // namespace

void RecordWriter::transaction(std::string_view event_id, Millis time, const Person& person,
                               const Transaction& transaction) {
  Record record(event_id, time, person);
  JsonWriter& json = record.json();
  const bool is_return = transaction.kind == TransactionKind::kReturn;
  json.member("transaction_id", transaction.id);
  json.member("kind", is_return ? "return" : "sale");
  json.member("channel", transaction.channel);
  json.member("currency", "EUR");
  record.known("original_transaction_id", transaction.original);
  record.known("campaign_id", transaction.campaign);
  json.key("lines");
  json.begin_array();
  for (const SaleLine& line : transaction.lines) write_line(record, line, is_return);
  json.end_array();
  arrivals_.add(Topic::kTransactions, person.key(), time, event_id, std::move(record).text());
}

void RecordWriter::page_view(std::string_view event_id, Millis time, const Person& person, const PageView& view) {
  Record record(event_id, time, person);
  JsonWriter& json = record.json();
  json.member("session_id", view.session);
  json.member("action", view.action);
  if (view.product) {
    json.member("product_id", view.product->product_id);
    if (view.action == "cart_add") json.member("quantity", view.product->quantity);
    record.money("price", view.product->unit_price);
  }
  record.known("url", view.url);
  record.known("referrer", view.referrer);
  json.member("device", view.device);
  json.member("region", view.region);
  arrivals_.add(Topic::kPageViews, person.key(), time, event_id, std::move(record).text());
}

void RecordWriter::message(std::string_view event_id, Millis time, const Person& person, const Message& message) {
  Record record(event_id, time, person);
  JsonWriter& json = record.json();
  json.member("campaign_id", message.campaign);
  json.member("action", message.action);
  json.member("channel", "email");
  json.member("message_id", message.campaign + "-" + person.customer);
  if (message.action == "opened") json.member("machine", message.machine);
  record.known("group", message.group);
  if (message.action == "sent") record.money("cost", 5'000);
  arrivals_.add(Topic::kCampaignEvents, person.key(), time, event_id, std::move(record).text());
}

void RecordWriter::complaint(std::string_view event_id, Millis time, const Person& person, std::string_view transaction,
                             std::string_view product) {
  Record record(event_id, time, person);
  JsonWriter& json = record.json();
  json.member("type", "complaint");
  json.member("reason", "does not fit");
  json.member("product_id", product);
  json.member("transaction_id", transaction);
  json.member("status", "open");
  arrivals_.add(Topic::kCare, person.key(), time, event_id, std::move(record).text());
}

void RecordWriter::profile(std::string_view event_id, Millis time, const Person& person, const Segment& segment,
                           int birth_year, std::span<const std::pair<std::string_view, bool>> consents) {
  Record record(event_id, time, Person{.customer = person.customer, .visitor = {}});
  JsonWriter& json = record.json();
  json.member("gender", segment.gender());
  json.member("birth_year", birth_year);
  json.member("age_band", segment.age_band());
  json.member("city_size", segment.city_size());
  json.member("country", "DE");
  json.member_time("joined_at", time);
  json.key("consents");
  json.begin_array();
  for (const auto& [channel, granted] : consents) {
    json.begin_object();
    json.member("channel", channel);
    json.member("status", granted ? "granted" : "denied");
    json.member_time("at", time);
    json.end_object();
  }
  json.end_array();
  arrivals_.add(Topic::kCustomers, person.customer, time, event_id, std::move(record).text());
}

void RecordWriter::product(std::string_view event_id, Millis time, const Product& product, Micro list_price) {
  Record record(event_id, time);
  JsonWriter& json = record.json();
  const std::string id = product.id();
  json.member("product_id", id);
  json.member("name", id);
  json.member("category", name_of(product.category));
  json.member("department", department_of(product.category));
  json.member("audience", "all");
  json.member("brand", kBrands[product.number]);
  record.money("list_price", list_price);
  record.money("unit_cost", unit_cost_of(list_price));
  arrivals_.add(Topic::kProducts, id, time, event_id, std::move(record).text());
}

}  // namespace nudge::generate
