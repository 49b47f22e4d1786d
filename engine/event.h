// A good input record in the compact form that the engine carries, stores and replays.
//
// An Event is a view: it owns nothing and is valid as long as its bytes. The bytes are written by EventWriter
// (from JSON by engine/decode.h) and are trusted afterwards; the format is
//   byte 0 topic · bytes 1–8 event_time, little-endian · then the present fields in rising order of their number,
//   each `number, payload`: text, identifier, object, any, extra: varint length and bytes; integer, money, quantity,
//   time: zigzag varint; boolean, choice: one byte; texts, lines, identities, consents: varint byte length, varint
//   count, then the items (see EventWriter).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/decimal.h"
#include "engine/schema.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge {

// One line of a transaction; nothing means unknown.
struct LineItem {
  std::string_view product_id;
  Milli quantity = 0;
  Micro unit_price = 0;
  std::optional<Micro> list_price, discount, unit_cost;
  std::string_view return_reason;  // empty: unknown
};
struct Identity {
  std::string_view type, value;
};
struct Consent {
  Channel channel = Channel::kEmail;
  ConsentStatus status = ConsentStatus::kDenied;
  std::optional<Millis> at;
};

// Reads the items of a list field one after the other: `while (reader.next(item))`.
template <typename Item>
class ItemReader {
 public:
  explicit ItemReader(std::string_view payload) : decoder_(payload), left_(payload.empty() ? 0 : decoder_.varint()) {}
  std::size_t left() const { return left_; }
  bool next(Item& item);

 private:
  Decoder decoder_;
  std::uint64_t left_;
};
template <>
bool ItemReader<LineItem>::next(LineItem& item);
template <>
bool ItemReader<Identity>::next(Identity& item);
template <>
bool ItemReader<Consent>::next(Consent& item);
template <>
bool ItemReader<std::string_view>::next(std::string_view& item);

class Event {
 public:
  Event() = default;
  explicit Event(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes() const { return bytes_; }
  Topic topic() const { return static_cast<Topic>(bytes_[0]); }
  Millis time() const {
    Millis time = 0;
    std::memcpy(&time, bytes_.data() + 1, sizeof time);
    return time;
  }

  bool has(Field field) const { return find(field).data() != nullptr; }
  // Empty where the field is missing. Text, identifiers, objects, any, extra.
  std::string_view text(Field field) const;
  // Integers, money (Micro), quantities (Milli), times, booleans and choices.
  std::optional<std::int64_t> number(Field field) const;

  std::string_view event_id() const { return text(field::kEventId); }
  std::string_view customer_id() const { return text(field::kCustomerId); }
  std::string_view visitor_id() const { return text(field::kVisitorId); }
  std::string_view source() const { return text(field::kSource); }

  ItemReader<LineItem> lines(Field field) const { return ItemReader<LineItem>(text(field)); }
  ItemReader<Identity> identities(Field field) const { return ItemReader<Identity>(text(field)); }
  ItemReader<Consent> consents(Field field) const { return ItemReader<Consent>(text(field)); }
  ItemReader<std::string_view> texts(Field field) const { return ItemReader<std::string_view>(text(field)); }

  // The choice as its enumeration; `fallback` where the field is missing.
  template <typename Enumeration>
  Enumeration choice(Field field, Enumeration fallback) const {
    const auto found = number(field);
    return found ? static_cast<Enumeration>(*found) : fallback;
  }

 private:
  // The payload; data() is null where the field is missing. For the list types it is what ItemReader reads.
  std::string_view find(Field field) const;
  std::string_view bytes_;
};

inline constexpr std::size_t kEventHeaderBytes = 9;

// The fields of an event, found in one pass: for who reads several of them. A view, as the event is.
class EventFields {
 public:
  static constexpr std::size_t kFieldsMax = 32;

  explicit EventFields(const Event& event);

  bool has(Field field) const { return (present_ >> field & 1) != 0; }
  // As of Event; event_time is not among them.
  std::string_view text(Field field) const { return has(field) ? payloads_[field].view() : std::string_view(); }
  std::optional<std::int64_t> number(Field field) const;
  template <typename Enumeration>
  Enumeration choice(Field field, Enumeration fallback) const {
    const auto found = number(field);
    return found ? static_cast<Enumeration>(*found) : fallback;
  }

 private:
  struct Payload {
    const char* data;
    std::size_t size;
    std::string_view view() const { return {data, size}; }
  };
  Topic topic_;
  std::uint32_t present_ = 0;                 // one bit per field
  std::array<Payload, kFieldsMax> payloads_;  // of those that are present; the others are not even cleared
};

// Appends one event to a buffer. Fields are added in rising order of their number.
class EventWriter {
 public:
  EventWriter(std::string& out, Topic topic, Millis time);
  void text(Field field, std::string_view value);
  void number(Field field, std::int64_t value);
  void byte(Field field, std::uint8_t value);  // booleans and choices
  // Between begin_list and end_list come `count` items.
  void begin_list(Field field, std::size_t count);
  void item(const LineItem& line);
  void item(const Identity& identity);
  void item(const Consent& consent);
  void item(std::string_view text);
  void end_list();

 private:
  void begin_field(Field field);
  template <typename Item>
  void append_item(const Item& item);

  std::string& out_;
  int last_ = -1;
  std::string list_;
};

}  // namespace nudge
