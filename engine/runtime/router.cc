#include "engine/runtime/router.h"

#include <absl/strings/escaping.h>

#include <algorithm>

namespace nudge::runtime {
namespace {

constexpr std::size_t kPrefetchAhead = 8;

bool is_erasure(const IngestItem& item) {
  const Event event(item.event);
  return !item.event.empty() && event.topic() == Topic::kCustomers &&
         event.number(field::customers::kTombstone).value_or(0) != 0;
}

}  // namespace

Router::Router(Options options, std::vector<std::unique_ptr<IngestTask>>& inputs, state::RepeatWindow& repeats)
    : options_(options),
      inputs_(inputs),
      repeats_(repeats),
      to_visitors_(options.partitions),
      to_ledger_(options.partitions),
      to_keyed_(options.partitions) {}

void Router::clear() {
  for (auto& list : to_visitors_) list.clear();
  for (auto& list : to_ledger_) list.clear();
  for (auto& list : to_keyed_) list.clear();
  to_all_.clear();
  for (auto& input : inputs_) input->release_taken();
  index_ = 0;
  erases_ = false;
}

// Nothing that comes later lies before it; nothing: all input was read.
std::optional<OrderKey> Router::bound() const {
  if (bound_) return bound_;
  std::optional<OrderKey> least;
  for (const auto& input : inputs_)
    if (!input->exhausted() && (!least || input->last() < *least)) least = input->last();
  return least;
}

Millis Router::watermark() const {
  std::optional<Millis> least;
  for (const auto& input : inputs_) {
    if (!input->empty()) least = std::min(least.value_or(kNever), input->front().seen);
    if (!bound_ && !input->exhausted()) least = std::min(least.value_or(kNever), input->last().seen);
  }
  if (bound_) return std::min(least ? *least - options_.disorder : kNever, bound_watermark_);
  return least ? *least - options_.disorder : kNever;
}

// The input whose first item comes next; null where none waits.
const IngestTask* Router::first() const {
  const IngestTask* first = nullptr;
  for (const auto& input : inputs_)
    if (!input->empty() && (!first || input->front_order() < first->front_order())) first = input.get();
  return first;
}

bool Router::can_take(Millis boundary) const {
  const IngestTask* const next = first();
  if (!next || next->front().seen - options_.disorder >= boundary) return false;
  const std::optional<OrderKey> last = bound();
  return !last || !(*last < next->front_order());
}

bool Router::erases_next() const {
  const IngestTask* const next = first();
  return next && is_erasure(next->front());
}

std::optional<Millis> Router::first_seen() const {
  const IngestTask* const first = this->first();
  if (!first || first->front().seen == kBeforeAll) return std::nullopt;
  return first->front().seen;
}

void Router::line_up() {
  heads_.clear();
  for (const auto& input : inputs_)
    if (!input->empty()) heads_.push_back({input->front_order(), input.get()});
  std::sort(heads_.begin(), heads_.end());
}

// The first input has gone on: it goes back to where its first item now belongs.
void Router::step_back() {
  IngestTask* const input = heads_.front().input;
  if (input->empty()) {
    heads_.erase(heads_.begin());
    return;
  }
  const Head head{input->front_order(), input};
  const auto place = std::lower_bound(heads_.begin() + 1, heads_.end(), head);
  std::move(heads_.begin() + 1, place, heads_.begin());
  *std::prev(place) = head;
}

Result<std::size_t> Router::take(std::size_t records_max, Millis boundary) {
  const std::optional<OrderKey> last = bound();
  std::size_t taken = 0;
  line_up();
  while (taken < records_max && !erases_ && !heads_.empty()) {
    IngestTask* const input = heads_.front().input;
    // The others' first items decide how far this one may go before it is somebody else's turn.
    std::optional<OrderKey> until = last;
    if (heads_.size() > 1 && (!until || heads_[1].order < *until)) until = heads_[1].order;
    const std::size_t before = taken;
    while (taken < records_max && !erases_ && !input->empty()) {
      const IngestItem& item = input->front();
      const OrderKey order = input->front_order();
      if (until && order > *until) break;
      if (item.seen - options_.disorder >= boundary) break;
      if (taken > 0 && order.topic == static_cast<std::uint8_t>(Topic::kCustomers) && is_erasure(item)) return taken;
      TopicCounters& counters = counters_[order.topic];
      ++counters.read;
      if (item.event.empty()) {
        ++counters.dead_letters;
        NUDGE_TRY(dead_letter(*input, item));
      } else {
        newest_ = std::max(newest_, item.seen);
        if (const IngestItem* const later = input->ahead(kPrefetchAhead)) repeats_.prefetch(later->identity);
        NUDGE_ASSIGN(const bool first, repeats_.insert(item.identity, newest_));
        ++(first ? counters.processed : counters.duplicates);
        if (first) accept(*input, item);
      }
      taken_ = item.seen;
      ++index_;
      ++taken;
      input->take();
    }
    if (taken == before) break;
    step_back();
  }
  return taken;
}

// A good record that is no repeat.
void Router::accept(const IngestTask& input, const IngestItem& item) {
  const Event event(item.event);
  if (item.late) {
    ++counters_[static_cast<std::size_t>(event.topic())].late;
    late(input, item, event);
  }
  if ((!options_.from || event.time() >= *options_.from) && (!options_.until || event.time() <= *options_.until))
    route({index_, input.front_order(), event.time()}, event);
}

namespace {

std::string place_key(const IngestTask& input, const IngestItem& item) {
  return std::string(name_of(input.info().topic)) + "/" + std::to_string(input.info().partition) + "/" +
         std::to_string(item.offset);
}

void write_place(JsonWriter& json, const IngestTask& input, const IngestItem& item) {
  json.member("topic", name_of(input.info().topic));
  json.member("partition", static_cast<std::int64_t>(input.info().partition));
  json.member("offset", static_cast<std::int64_t>(item.offset));
}

}  // namespace

Status Router::dead_letter(const IngestTask& input, const IngestItem& item) {
  const BadRecord& bad = input.bad(item);
  ++bad_records_[bad_record_class(bad.error_class)];
  if (options_.fail_on_bad_record)
    return Status::bad_data(input.info().name + ": record " + std::to_string(item.offset) + ": " + bad.message +
                            "; mend it, or set engine.on_bad_record to dead_letter");
  JsonWriter json = outputs_.begin(output::kDeadLetters, place_key(input, item), std::max<Millis>(item.seen, 0));
  write_place(json, input, item);
  json.member("error_class", bad.error_class);
  json.member("message", std::string_view(bad.message));
  std::string raw;
  absl::Base64Escape({item.raw.data(), item.raw.size()}, &raw);
  json.member("raw", std::string_view(raw));
  outputs_.end(json, output::kDeadLetters);
  return Status::ok();
}

void Router::late(const IngestTask& input, const IngestItem& item, const Event& event) {
  JsonWriter json = outputs_.begin(output::kLateEvents, place_key(input, item), event.time());
  write_place(json, input, item);
  json.key("record");
  json.raw(item.raw);
  outputs_.end(json, output::kLateEvents);
}

void Router::link(const Origin& origin, std::string_view visitor, std::string_view customer) {
  to_visitors_[partition_of(visitor, options_.partitions)].push_back(
      {origin, hash128(visitor), visitor, true, customer, {}});
}

void Router::route(const Origin& origin, const Event& event) {
  const Topic topic = event.topic();
  if (topic == Topic::kProducts) {
    if (options_.takes_products) to_all_.push_back({origin, event.bytes()});
    return;
  }
  const std::string_view customer = event.customer_id();
  const std::string_view visitor = event.visitor_id();
  if (customer.empty()) {
    to_visitors_[partition_of(visitor, options_.partitions)].push_back(
        {origin, hash128(visitor), visitor, false, {}, event.bytes()});
    return;
  }
  if (topic == Topic::kTransactions) {
    const std::string_view id = event.text(field::transactions::kTransactionId);
    to_ledger_[partition_of(id, options_.partitions)].push_back(
        {origin, LedgerMessage::Kind::kRecord, hash128(id), event.bytes(), customer, {}});
    return;
  }
  if (topic == Topic::kPageViews && !visitor.empty()) link(origin, visitor, customer);
  erases_ = topic == Topic::kCustomers && event.number(field::customers::kTombstone).value_or(0) != 0;
  if (topic == Topic::kCustomers && !erases_) {
    auto identities = event.identities(field::customers::kIdentities);
    for (Identity identity; identities.next(identity);)
      if (identity.type == "visitor") link(origin, identity.value, customer);
  }
  to_keyed_[partition_of(customer, options_.partitions)].push_back(
      {origin, erases_ ? KeyedMessage::Op::kErase : KeyedMessage::Op::kApply, true, hash128(customer), customer,
       event.bytes()});
}

}  // namespace nudge::runtime
