#include "engine/event.h"

#include <array>

#include "engine/check.h"
#include "engine/event_format.h"
#include "engine/member_table.h"

namespace nudge {
namespace {

std::uint64_t read_varint(const char*& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

// The size of the payload at `at`, which is moved past the length where there is one.
std::size_t payload_bytes(Payload kind, const char*& at) {
  std::size_t size = 1;
  if (kind == Payload::kBytes) return read_varint(at);
  if (kind == Payload::kVarint)
    for (const char* byte = at; static_cast<unsigned char>(*byte) >= 0x80; ++byte) ++size;
  return size;
}

std::int64_t number_in(Payload kind, std::string_view payload) {
  if (kind == Payload::kByte) return static_cast<unsigned char>(payload.front());
  return Decoder(payload).zigzag();
}

}  // namespace

std::string_view Event::find(Field field) const {
  if (bytes_.empty()) return {};
  if (field == field::kEventTime) return bytes_.substr(1, sizeof(Millis));
  const auto& payloads = members_of(topic()).payloads;
  const char* at = bytes_.data() + kEventHeaderBytes;
  const char* const end = bytes_.data() + bytes_.size();
  while (at < end) {
    const auto number = static_cast<Field>(*at++);
    if (number > field) break;
    const std::size_t size = payload_bytes(payloads[number], at);
    if (number == field) return {at, size};
    at += size;
  }
  return {};
}

std::string_view Event::text(Field field) const { return find(field); }

std::optional<std::int64_t> Event::number(Field field) const {
  if (field == field::kEventTime) return time();
  const std::string_view payload = find(field);
  if (payload.data() == nullptr) return std::nullopt;
  return number_in(members_of(topic()).payloads[field], payload);
}

EventFields::EventFields(const Event& event) : topic_(event.topic()) {
  static_assert(NameTable::kNamesMax <= kFieldsMax);
  const auto& kinds = members_of(topic_).payloads;
  const std::string_view bytes = event.bytes();
  const char* at = bytes.data() + kEventHeaderBytes;
  const char* const end = bytes.data() + bytes.size();
  while (at < end) {
    const auto field = static_cast<Field>(*at++);
    const std::size_t size = payload_bytes(kinds[field], at);
    payloads_[field] = {at, size};
    present_ |= std::uint32_t{1} << field;
    at += size;
  }
}

std::optional<std::int64_t> EventFields::number(Field field) const {
  if (!has(field)) return std::nullopt;
  return number_in(members_of(topic_).payloads[field], payloads_[field].view());
}

template <>
bool ItemReader<LineItem>::next(LineItem& item) {
  if (left_ == 0) return false;
  --left_;
  const std::uint8_t flags = decoder_.byte();
  item.product_id = decoder_.text();
  item.quantity = decoder_.zigzag();
  item.unit_price = decoder_.zigzag();
  const auto optional = [&](event_format::LineFlag flag) {
    return (flags & flag) != 0 ? std::optional<Micro>(decoder_.zigzag()) : std::nullopt;
  };
  item.list_price = optional(event_format::kHasListPrice);
  item.discount = optional(event_format::kHasDiscount);
  item.unit_cost = optional(event_format::kHasUnitCost);
  item.return_reason = (flags & event_format::kHasReturnReason) != 0 ? decoder_.text() : std::string_view();
  return true;
}

template <>
bool ItemReader<Identity>::next(Identity& item) {
  if (left_ == 0) return false;
  --left_;
  item.type = decoder_.text();
  item.value = decoder_.text();
  return true;
}

template <>
bool ItemReader<Consent>::next(Consent& item) {
  if (left_ == 0) return false;
  --left_;
  item.channel = static_cast<Channel>(decoder_.byte());
  item.status = static_cast<ConsentStatus>(decoder_.byte());
  const bool dated = decoder_.boolean();
  item.at = dated ? std::optional<Millis>(decoder_.zigzag()) : std::nullopt;
  return true;
}

template <>
bool ItemReader<std::string_view>::next(std::string_view& item) {
  if (left_ == 0) return false;
  --left_;
  item = decoder_.text();
  return true;
}

// ---- EventWriter ------------------------------------------------------------------------------

EventWriter::EventWriter(std::string& out, Topic topic, Millis time) : out_(out) {
  std::array<char, kEventHeaderBytes> header;
  event_format::put_header(header.data(), topic, time);
  out_.append(header.data(), header.size());
}

void EventWriter::begin_field(Field field) {
  NUDGE_CHECK(field > last_ && field != field::kEventTime, "fields are written in rising order, once each");
  last_ = field;
  out_.push_back(static_cast<char>(field));
}

void EventWriter::text(Field field, std::string_view value) {
  begin_field(field);
  Encoder(out_).text(value);
}

void EventWriter::number(Field field, std::int64_t value) {
  begin_field(field);
  Encoder(out_).zigzag(value);
}

void EventWriter::byte(Field field, std::uint8_t value) {
  begin_field(field);
  Encoder(out_).byte(value);
}

void EventWriter::begin_list(Field field, std::size_t count) {
  begin_field(field);
  list_.clear();
  Encoder(list_).varint(count);
}

template <typename Item>
void EventWriter::append_item(const Item& item) {
  const std::size_t begin = list_.size();
  list_.resize(begin + event_format::room_for(item));
  const char* const end = event_format::put_item(list_.data() + begin, item);
  list_.resize(static_cast<std::size_t>(end - list_.data()));
}

void EventWriter::item(const LineItem& line) { append_item(line); }
void EventWriter::item(const Identity& identity) { append_item(identity); }
void EventWriter::item(const Consent& consent) { append_item(consent); }
void EventWriter::item(std::string_view text) { append_item(text); }

void EventWriter::end_list() { Encoder(out_).text(list_); }

}  // namespace nudge
