#include "config/value.h"

#include <charconv>
#include <cmath>

#include "engine/check.h"

namespace nudge::config {

std::string to_string(const Problem& problem) {
  const Location& location = problem.location;
  std::string text = location.file;
  if (location.line > 0) text += ":" + std::to_string(location.line);
  if (!text.empty()) text += ": ";
  if (!location.path.empty()) text += location.path + ": ";
  text += problem.what;
  if (!problem.remedy.empty()) text += "; " + problem.remedy;
  return text;
}

bool Value::boolean() const {
  NUDGE_CHECK(!null_ && kind_ == Kind::kBoolean, location_.path.c_str());
  return integer_ != 0;
}

std::int64_t Value::integer() const {
  NUDGE_CHECK(!null_ && (kind_ == Kind::kInteger || kind_ == Kind::kSize), location_.path.c_str());
  return integer_;
}

double Value::real() const {
  NUDGE_CHECK(!null_ && (kind_ == Kind::kReal || kind_ == Kind::kInteger), location_.path.c_str());
  return kind_ == Kind::kReal ? real_ : static_cast<double>(integer_);
}

Millis Value::duration() const {
  NUDGE_CHECK(!null_ && kind_ == Kind::kDuration, location_.path.c_str());
  return integer_;
}

std::int64_t Value::micro() const {
  NUDGE_CHECK(!null_ && kind_ == Kind::kMoney, location_.path.c_str());
  return integer_;
}

const std::string& Value::text() const {
  NUDGE_CHECK(!null_ && kind_ != Kind::kObject && kind_ != Kind::kList && kind_ != Kind::kTable,
              location_.path.c_str());
  return text_;
}

SecretPlace Value::secret_place() const {
  NUDGE_CHECK(!null_ && kind_ == Kind::kSecret && entries_.size() == 1, location_.path.c_str());
  return {entries_.front().first == "file", entries_.front().second.text()};
}

const Value& Value::at(std::string_view name) const {
  NUDGE_CHECK(!null_ && kind_ == Kind::kObject, location_.path.c_str());
  for (const auto& [key, value] : entries_)
    if (key == name) return value;
  check_failed("at", ("no parameter " + location_.path + "." + std::string(name)).c_str(), __FILE__, __LINE__);
}

const Value* Value::find(std::string_view name) const {
  NUDGE_CHECK(!null_ && (kind_ == Kind::kObject || kind_ == Kind::kTable), location_.path.c_str());
  for (const auto& [key, value] : entries_)
    if (key == name) return value.null_ ? nullptr : &value;
  return nullptr;
}

const std::vector<Value>& Value::items() const {
  NUDGE_CHECK(!null_ && kind_ == Kind::kList, location_.path.c_str());
  return items_;
}

const std::vector<std::pair<std::string, Value>>& Value::entries() const {
  NUDGE_CHECK(!null_ && (kind_ == Kind::kObject || kind_ == Kind::kTable), location_.path.c_str());
  return entries_;
}

namespace {

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

std::string Value::canonical() const {
  if (null_) return "null";
  std::string out;
  switch (kind_) {
    case Kind::kBoolean:
      return integer_ != 0 ? "true" : "false";
    case Kind::kInteger:
    case Kind::kDuration:
    case Kind::kSize:
    case Kind::kMoney:
      return std::to_string(integer_);
    case Kind::kReal: {
      char digits[32];
      const double real = real_ == 0 ? 0 : real_;  // −0 is 0
      return {digits, std::to_chars(digits, digits + sizeof digits, real).ptr};
    }
    case Kind::kText:
    case Kind::kChoice:
    case Kind::kExpression:
      append_quoted(out, text_);
      return out;
    case Kind::kList: {
      out = "[";
      for (const Value& item : items_) out += (out.size() > 1 ? "," : "") + item.canonical();
      return out + "]";
    }
    case Kind::kSecret:  // its one entry is the reference
    case Kind::kObject:
    case Kind::kTable: {
      out = "{";
      for (const auto& [key, value] : entries_) {
        if (out.size() > 1) out += ',';
        append_quoted(out, key);
        out += ':' + value.canonical();
      }
      return out + "}";
    }
    case Kind::kAny:
      break;
  }
  check_failed("canonical", "a value of no kind", __FILE__, __LINE__);
}

}  // namespace nudge::config
