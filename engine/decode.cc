#include "engine/decode.h"

#include <algorithm>
#include <bit>

#include "engine/check.h"
#include "engine/event_format.h"
#include "engine/member_reader.h"

namespace nudge {
namespace {

constexpr std::uint32_t bit(Field field) { return std::uint32_t{1} << field; }

std::string_view error_class_of(Problem problem) {
  switch (problem) {
    case Problem::kMissing:
      return "missing";
    case Problem::kRange:
      return "range";
    case Problem::kChoice:
      return "choice";
    default:
      return "type";
  }
}

// What a value of the field has to be.
std::string expectation_of(const FieldSpec& spec) {
  switch (spec.type) {
    case FieldType::kText:
      return "a string";
    case FieldType::kIdentifier:
      return "a string that is not empty";
    case FieldType::kInteger:
      return "an integer";
    case FieldType::kBoolean:
      return "true or false";
    case FieldType::kTime:
      return "a time: RFC 3339 with an offset, or milliseconds since 1970, until the year 9999";
    case FieldType::kMoney:
      return "money: at least 0, below 10^12, at most 6 decimals, a number or a decimal string";
    case FieldType::kQuantity:
      return "a quantity: a number above 0 and below 10^9, at most 3 decimals";
    case FieldType::kTexts:
      return "an array of strings";
    case FieldType::kLines:
    case FieldType::kIdentities:
    case FieldType::kConsents:
      return "an array of objects";
    case FieldType::kObject:
      return "an object";
    case FieldType::kAny:
      return "a value";
    case FieldType::kChoice:
      break;
  }
  std::string text = "one of ";
  for (const std::string_view choice : spec.choices)
    text.append(choice).append(choice.data() == spec.choices.back().data() ? "" : ", ");
  return text;
}

std::string message_of(const FieldSpec& field, const Slot& slot) {
  std::string text(field.name);
  const bool in_item = slot.member != nullptr;
  const bool is_item = !in_item && slot.number >= 0 && field.type >= FieldType::kTexts;
  if (in_item || is_item) text.append("[").append(std::to_string(slot.number)).append("]");
  if (in_item) text.append(".").append(slot.member->name);
  if (slot.problem == Problem::kMissing) return text + " is missing";
  if (is_item) return text + (field.type == FieldType::kTexts ? " must be a string" : " must be an object");
  return text + " must be " + expectation_of(in_item ? *slot.member : field);
}

std::string_view without_spaces_around(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  return begin == text.npos ? text.substr(0, 0) : text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

// A copy of at least `size` bytes that may write and read up to kBlock - 1 bytes more.
char* copy_in_blocks(char* out, const char* from, std::size_t size) {
  constexpr std::size_t kBlock = 32;
  static_assert(kBlock <= kInputPadding);
  if (size > 4 * kBlock) {
    std::memcpy(out, from, size);
  } else {
    for (std::size_t done = 0; done < size; done += kBlock) std::memcpy(out + done, from + done, kBlock);
  }
  return out + size;
}

char* put_field(char* out, Field field, Payload payload, const Slot& slot) {
  *out++ = static_cast<char>(field);
  switch (payload) {
    case Payload::kBytes:
      return copy_in_blocks(event_format::put_varint(out, slot.size), slot.data, slot.size);
    case Payload::kVarint:
      return event_format::put_zigzag(out, slot.number);
    case Payload::kByte:
      break;
  }
  *out = static_cast<char>(slot.number);
  return out + 1;
}

}  // namespace

class RecordDecoder::Implementation {
 public:
  bool decode(Topic topic, std::string_view json, std::string& out, BadRecord& bad) {
    const std::string_view text = without_spaces_around(json);
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') return refuse(bad, "json", "not one JSON object");
    const MemberTable& table = members_of(topic);
    if (!reader_.read(table, text, members_)) {
      const JsonScanner::Failure& failure = reader_.failure();
      return refuse(
          bad, failure.error_class,
          std::string("byte ").append(std::to_string(failure.at - json.data())).append(": ").append(failure.what));
    }
    if (members_.bad != 0) return refuse_field(table, bad);
    if (const std::uint32_t missing = table.required & ~members_.present; missing != 0) {
      const auto first = static_cast<std::size_t>(std::countr_zero(missing));
      return refuse(bad, "missing", std::string(table.fields[first].name) + " is missing");
    }
    if (!has_owner(topic)) return refuse(bad, "missing", "neither customer_id nor visitor_id is there");
    if (topic == Topic::kTransactions && !has_lines()) return refuse(bad, "missing", "lines is missing or empty");
    write(topic, table, out);
    return true;
  }

 private:
  static bool refuse(BadRecord& bad, std::string_view error_class, std::string message) {
    bad.error_class = error_class;
    bad.message = std::move(message);
    return false;
  }
  bool refuse_field(const MemberTable& table, BadRecord& bad) const {
    const auto first = static_cast<std::size_t>(std::countr_zero(members_.bad));
    const Slot& slot = members_.slots[first];
    return refuse(bad, error_class_of(slot.problem), message_of(table.fields[first], slot));
  }

  bool has_owner(Topic topic) const {
    return topic == Topic::kProducts || topic == Topic::kCustomers ||
           (members_.present & (bit(field::kCustomerId) | bit(field::kVisitorId))) != 0;
  }
  bool has_lines() const {
    using namespace field::transactions;
    const bool cancel = members_.slots[kKind].number == static_cast<int>(TransactionKind::kCancel);
    return cancel || (members_.has(kLines) && members_.slots[kLines].number > 0);
  }

  void write(Topic topic, const MemberTable& table, std::string& out) const {
    char* const begin = reader_.event_room();
    char* end = event_format::put_header(begin, topic, members_.slots[field::kEventTime].number);
    for (std::uint32_t rest = members_.present & ~bit(field::kEventTime); rest != 0; rest &= rest - 1) {
      const auto field = static_cast<Field>(std::countr_zero(rest));
      end = put_field(end, field, table.payloads[field], members_.slots[field]);
    }
    out.append(begin, static_cast<std::size_t>(end - begin));
  }

  MemberReader reader_;
  Members members_;
};

std::size_t bad_record_class(std::string_view error_class) {
  const auto* const found = std::ranges::find(kBadRecordClasses, error_class);
  NUDGE_CHECK(found != kBadRecordClasses.end(), "every error class of a bad record is one of the list");
  return static_cast<std::size_t>(found - kBadRecordClasses.begin());
}

RecordDecoder::RecordDecoder() : implementation_(std::make_unique<Implementation>()) {}
RecordDecoder::~RecordDecoder() = default;
RecordDecoder::RecordDecoder(RecordDecoder&&) noexcept = default;

bool RecordDecoder::decode(Topic topic, std::string_view json, std::string& out, BadRecord& bad) {
  return implementation_->decode(topic, json, out, bad);
}

}  // namespace nudge
