#include "engine/member_reader.h"

#include <limits>
#include <optional>

#include "engine/decimal.h"
#include "engine/event_format.h"
#include "engine/time.h"

namespace nudge {
namespace {

constexpr std::uint32_t bit(Field field) { return std::uint32_t{1} << field; }
bool is_number(char first) { return first == '-' || static_cast<unsigned char>(first - '0') <= 9; }

std::int64_t saturated_integer(std::string_view token) {
  const bool negative = token.front() == '-';
  if (negative) token.remove_prefix(1);
  std::int64_t value = 0;
  for (const char digit : token)
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit - '0', &value))
      return negative ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  return negative ? -value : value;
}

void set_text(Slot& slot, std::string_view text) {
  slot.data = text.data();
  slot.size = text.size();
}
// A number that is there and fits; or a range problem.
void set_number(Slot& slot, std::optional<std::int64_t> number, bool fits) {
  slot.number = number.value_or(0);
  slot.problem = number && fits ? Problem::kNone : Problem::kRange;
}

std::optional<std::int64_t> number_of(const Members& members, Field field) {
  return members.has(field) ? std::optional(members.slots[field].number) : std::nullopt;
}
LineItem line_of(const Members& members) {
  using namespace line_member;
  return {members.text(kProductId),
          members.slots[kQuantity].number,
          members.slots[kUnitPrice].number,
          number_of(members, kListPrice),
          number_of(members, kDiscount),
          number_of(members, kUnitCost),
          members.has(kReturnReason) ? members.text(kReturnReason) : std::string_view()};
}
Identity identity_of(const Members& members) {
  return {members.text(identity_member::kType), members.text(identity_member::kValue)};
}
Consent consent_of(const Members& members) {
  return {static_cast<Channel>(members.slots[consent_member::kChannel].number),
          static_cast<ConsentStatus>(members.slots[consent_member::kStatus].number),
          number_of(members, consent_member::kAt)};
}

}  // namespace

void MemberReader::reserve(std::size_t text_bytes) {
  // Each part of the text is copied at most once into each part of the buffer, where nothing takes more bytes than in
  // the text; the event holds them all, and up to eleven bytes more per field.
  constexpr std::size_t kEventOverhead = kEventHeaderBytes + 11 * NameTable::kNamesMax;
  const std::size_t part = text_bytes + 2 * kInputPadding;
  const std::size_t needed = 9 * part + kEventOverhead;
  if (capacity_ < needed) {
    capacity_ = 2 * needed;
    buffer_ = std::make_unique<char[]>(capacity_);
  }
  char* const unescaped = buffer_.get();
  kept_ = unescaped + part;
  extra_ = kept_ + part;
  lists_ = extra_ + part;
  skipped_ = lists_ + part;
  event_ = skipped_ + part;
}

bool MemberReader::read(const MemberTable& table, std::string_view text, Members& members) {
  reserve(text.size());
  scanner_.begin(text, buffer_.get());
  members.present = members.bad = 0;
  char* const extra_begin = extra_;
  const auto unknown = [&](const char* name, const char* name_end, const char* value) {
    if (extra_ > extra_begin) *extra_++ = ',';
    const auto size = static_cast<std::size_t>(name_end - name);
    std::memcpy(extra_, name, size);
    extra_ += size;
    *extra_++ = ':';
    return scanner_.any(value, 1, extra_);
  };
  const char* const end = read_members(text.data() + 1, 1, table, members, unknown);
  if (end == nullptr) return false;
  if (end != scanner_.end()) return scanner_.fail("json", "more after the end of the record", end) != nullptr;
  if (extra_ > extra_begin) {
    Slot& slot = members.slots[field::kExtra];
    set_text(slot, {extra_begin, static_cast<std::size_t>(extra_ - extra_begin)});
    members.present |= bit(field::kExtra);
  }
  return true;
}

// `at` is behind the opening brace; returns the position behind the closing one.
template <typename Unknown>
const char* MemberReader::read_members(const char* at, int depth, const MemberTable& table, Members& members,
                                       const Unknown& unknown) {
  at = scanner_.space(at);
  if (*at == '}') return at + 1;
  for (;;) {
    if (*at != '"') return scanner_.fail("json", "expected a name", at);
    const char* const begin = at;
    std::string_view name;
    if ((at = scanner_.string(at + 1, name)) == nullptr) return nullptr;
    const char* const end = at;
    at = scanner_.space(at);
    if (*at != ':') return scanner_.fail("json", "expected a colon", at);
    at = scanner_.space(at + 1);

    const int found = table.names.find_padded(name.data(), name.size());
    const auto field = static_cast<Field>(found);
    if (found == NameTable::kNone) {
      at = unknown(begin, end, at);
    } else if ((table.lenient & bit(field)) != 0 && *at != 't' && *at != 'f' && *at != 'n') [[unlikely]] {
      members.present &= ~bit(field);
      at = unknown(begin, end, at);
    } else {
      at = read_value(at, depth, table, field, members);
    }
    if (at == nullptr) return nullptr;
    at = scanner_.space(at);
    if (*at == '}') return at + 1;
    if (*at != ',') return scanner_.fail("json", "expected a comma or a brace", at);
    at = scanner_.space(at + 1);
  }
}

const char* MemberReader::read_value(const char* at, int depth, const MemberTable& table, Field field,
                                     Members& members) {
  members.present &= ~bit(field);
  members.bad &= ~bit(field);
  if (*at == 'n') return scanner_.literal(at, "null");
  Slot& slot = members.slots[field];
  slot.problem = Problem::kType;
  slot.number = -1;
  slot.member = nullptr;
  at = read_typed(at, depth, table, field, slot);
  (slot.problem == Problem::kNone ? members.present : members.bad) |= bit(field);
  return at;
}

inline const char* MemberReader::read_typed(const char* at, int depth, const MemberTable& table, Field field,
                                            Slot& slot) {
  switch (table.fields[field].type) {
    case FieldType::kText:
      return read_text(at, depth, false, slot);
    case FieldType::kIdentifier:
      return read_text(at, depth, true, slot);
    case FieldType::kChoice:
      return read_choice(at, depth, *table.choices[field], slot);
    case FieldType::kBoolean:
      return read_boolean(at, depth, slot);
    case FieldType::kInteger:
      return read_integer(at, depth, slot);
    case FieldType::kTime:
      return read_time(at, depth, slot);
    case FieldType::kMoney:
      return read_money(at, depth, slot);
    case FieldType::kQuantity:
      return read_quantity(at, depth, slot);
    case FieldType::kAny:
      return read_json(at, depth, slot);
    case FieldType::kObject:
      return *at == '{' ? read_json(at, depth, slot) : skip(at, depth);
    case FieldType::kTexts:
      return read_texts(at, depth, slot);
    case FieldType::kLines:
      return read_items(at, depth, kLineTable, slot, line_of);
    case FieldType::kIdentities:
      return read_items(at, depth, kIdentityTable, slot, identity_of);
    case FieldType::kConsents:
      return read_items(at, depth, kConsentTable, slot, consent_of);
  }
  return skip(at, depth);
}

// ---- single values: each leaves the slot's problem kType and skips what is of another type -------

inline const char* MemberReader::read_text(const char* at, int depth, bool empty_is_bad, Slot& slot) {
  if (*at != '"') return skip(at, depth);
  std::string_view text;
  at = scanner_.string(at + 1, text);
  set_text(slot, text);
  slot.problem = empty_is_bad && text.empty() ? Problem::kRange : Problem::kNone;
  return at;
}

inline const char* MemberReader::read_choice(const char* at, int depth, const NameTable& names, Slot& slot) {
  if (*at != '"') return skip(at, depth);
  std::string_view text;
  if ((at = scanner_.string(at + 1, text)) == nullptr) return nullptr;
  slot.number = names.find_padded(text.data(), text.size());
  slot.problem = slot.number == NameTable::kNone ? Problem::kChoice : Problem::kNone;
  return at;
}

inline const char* MemberReader::read_boolean(const char* at, int depth, Slot& slot) {
  if (*at != 't' && *at != 'f') return skip(at, depth);
  slot.number = *at == 't' ? 1 : 0;
  slot.problem = Problem::kNone;
  return scanner_.literal(at, *at == 't' ? "true" : "false");
}

inline const char* MemberReader::read_integer(const char* at, int depth, Slot& slot) {
  if (!is_number(*at)) return skip(at, depth);
  JsonScanner::Number number;
  if ((at = scanner_.number(at, number)) == nullptr || !number.integer) return at;
  set_number(slot, saturated_integer(number.token), true);
  return at;
}

inline const char* MemberReader::read_time(const char* at, int depth, Slot& slot) {
  if (*at != '"') {
    at = read_integer(at, depth, slot);
    if (slot.problem == Problem::kNone) set_number(slot, slot.number, slot.number >= 0 && slot.number <= kLastTime);
    return at;
  }
  std::string_view text;
  if ((at = scanner_.string(at + 1, text)) == nullptr) return nullptr;
  set_number(slot, parse_time(text), true);
  return at;
}

inline const char* MemberReader::read_money(const char* at, int depth, Slot& slot) {
  std::optional<Micro> money;
  if (*at == '"') {
    std::string_view text;
    if ((at = scanner_.string(at + 1, text)) == nullptr) return nullptr;
    money = parse_plain_decimal(text, 6, kMicroLimit);
  } else {
    if (!is_number(*at)) return skip(at, depth);
    JsonScanner::Number number;
    if ((at = scanner_.number(at, number)) == nullptr) return nullptr;
    money = parse_json_decimal(number.token, 6, kMicroLimit);
  }
  set_number(slot, money, money.value_or(0) >= 0);
  return at;
}

inline const char* MemberReader::read_quantity(const char* at, int depth, Slot& slot) {
  if (!is_number(*at)) return skip(at, depth);
  JsonScanner::Number number;
  if ((at = scanner_.number(at, number)) == nullptr) return nullptr;
  const std::optional<Milli> quantity = parse_json_decimal(number.token, 3, kMilliLimit);
  set_number(slot, quantity, quantity.value_or(0) > 0);
  return at;
}

const char* MemberReader::read_json(const char* at, int depth, Slot& slot) {
  char* const begin = kept_;
  at = scanner_.any(at, depth, kept_);
  set_text(slot, {begin, static_cast<std::size_t>(kept_ - begin)});
  slot.problem = Problem::kNone;
  return at;
}

const char* MemberReader::skip(const char* at, int depth) {
  char* unused = skipped_;
  return scanner_.any(at, depth, unused);
}

// ---- lists ------------------------------------------------------------------------------------

template <typename ReadItem>
const char* MemberReader::read_list(const char* at, int depth, Slot& slot, const ReadItem& read_item) {
  if (*at != '[') return skip(at, depth);
  slot.problem = Problem::kNone;
  std::int64_t count = 0;
  char* const items = lists_ + event_format::kVarintBytesMax;  // the count is put before them when it is known
  char* out = items;
  at = scanner_.space(at + 1);
  if (*at == ']') {
    ++at;
  } else {
    for (;;) {
      Slot item;
      if ((at = read_item(at, out, item)) == nullptr) return nullptr;
      if (item.problem != Problem::kNone && slot.problem == Problem::kNone) {
        slot.problem = item.problem;
        slot.member = item.member;
        slot.number = count;
      }
      ++count;
      at = scanner_.space(at);
      const char after = *at++;
      if (after == ']') break;
      if (after != ',') return scanner_.fail("json", "expected a comma or a bracket", at - 1);
      at = scanner_.space(at);
    }
  }
  if (slot.problem != Problem::kNone) return at;
  slot.number = count;
  char varint[event_format::kVarintBytesMax];
  const auto varint_bytes = event_format::put_varint(varint, static_cast<std::uint64_t>(count)) - varint;
  char* const begin = items - varint_bytes;
  std::memcpy(begin, varint, static_cast<std::size_t>(varint_bytes));
  set_text(slot, {begin, static_cast<std::size_t>(out - begin)});
  lists_ = out;
  return at;
}

template <typename MakeItem>
const char* MemberReader::read_items(const char* at, int depth, const MemberTable& table, Slot& slot,
                                     const MakeItem& make_item) {
  const int inside = depth + 2;
  const auto unknown = [&](const char*, const char*, const char* value) { return skip(value, inside); };
  return read_list(at, depth, slot, [&](const char* item, char*& out, Slot& problem) -> const char* {
    problem.problem = Problem::kType;
    if (*item != '{') return skip(item, depth + 1);
    item_.present = item_.bad = 0;
    item = read_members(item + 1, inside, table, item_, unknown);
    if (item == nullptr || (item = scanner_.inside(item)) == nullptr) return nullptr;
    const std::uint32_t missing = table.required & ~(item_.present | item_.bad);
    problem.problem = Problem::kNone;
    if (const std::uint32_t wrong = item_.bad | missing; wrong != 0) {
      const auto first = static_cast<Field>(std::countr_zero(wrong));
      problem.problem = (missing & bit(first)) != 0 ? Problem::kMissing : item_.slots[first].problem;
      problem.member = &table.fields[first];
    } else {
      out = event_format::put_item(out, make_item(item_));
    }
    return item;
  });
}

const char* MemberReader::read_texts(const char* at, int depth, Slot& slot) {
  return read_list(at, depth, slot, [&](const char* item, char*& out, Slot& problem) -> const char* {
    problem.problem = Problem::kType;
    item = read_text(item, depth + 1, false, problem);
    if (item != nullptr && problem.problem == Problem::kNone)
      out = event_format::put_item(out, std::string_view(problem.data, problem.size));
    return item;
  });
}

}  // namespace nudge
