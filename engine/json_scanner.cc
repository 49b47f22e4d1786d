#include "engine/json_scanner.h"

#include <algorithm>
#include <optional>

#include <simdjson.h>

namespace nudge {
namespace {

// The code unit of the four hexadecimal digits at `at`.
std::optional<std::uint32_t> code_unit(const char* at) {
  std::uint32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const auto character = static_cast<unsigned char>(at[i]);
    const unsigned letter = (character | 0x20u) - 'a';
    if (character - unsigned{'0'} <= 9) {
      unit = unit * 16 + (character - '0');
    } else if (letter <= 5) {
      unit = unit * 16 + 10 + letter;
    } else {
      return std::nullopt;
    }
  }
  return unit;
}

char* put_utf8(char* out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  }
  return out;
}

// What the character after a backslash stands for; 0 for none.
char unescaped(char character) {
  switch (character) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '/':
      return '/';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

void keep(char*& kept, const char* begin, const char* end) {
  const auto size = static_cast<std::size_t>(end - begin);
  std::memcpy(kept, begin, size);
  kept += size;
}

// Whether Python's Decimal holds a number with these digits and exponent.
bool exponent_fits(std::string_view mantissa, std::string_view exponent) {
  constexpr std::int64_t kLastMin = -1'999'999'999'999'999'997;
  const bool negative = exponent.starts_with('-');
  if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
  exponent.remove_prefix(std::min(exponent.find_first_not_of('0'), exponent.size()));
  if (exponent.size() > 19) return false;
  Int128 last = 0;  // the power of ten of the last digit
  for (const char digit : exponent) last = last * 10 + (digit - '0');
  if (negative) last = -last;

  const std::size_t point = mantissa.find('.');
  if (point != mantissa.npos) last -= static_cast<Int128>(mantissa.size() - point - 1);
  std::size_t significant = 0;
  for (const char character : mantissa)
    if (character >= '0' && character <= '9' && (significant > 0 || character != '0')) ++significant;
  const Int128 first = last + static_cast<Int128>(std::max<std::size_t>(significant, 1) - 1);
  return last >= kLastMin && first <= JsonScanner::kExponentMax;
}

}  // namespace

const char* JsonScanner::fail(std::string_view error_class, const char* what, const char* at) {
  failure_ = {error_class, what, at};
  return nullptr;
}

bool JsonScanner::is_utf8() {
  if (!simdjson::validate_utf8(begin_, static_cast<std::size_t>(end_ - begin_))) return false;
  non_ascii_ = 0;
  return true;
}

const char* JsonScanner::string_in_parts(const char* at, std::string_view& value) {
  const char* copied = at;
  char* const out = arena_;
  bool escaped = false;
  for (;;) {
    const char* const found = special(at);
    at = found == nullptr ? at + kBlock : found;
    if (at >= end_) return fail("json", "a string has no end", end_);
    if (found == nullptr) continue;
    if (*at == '"') break;
    if (*at == '\\') {
      keep(arena_, copied, at);
      escaped = true;
      copied = at = escape(at);
      if (at == nullptr) return nullptr;
    } else if (static_cast<unsigned char>(*at) < 0x20) {
      return fail("json", "a control character in a string", at);
    } else if (!is_utf8()) {
      return fail("encoding", "not UTF-8", at);
    }
  }
  if (escaped) {
    keep(arena_, copied, at);
    value = {out, static_cast<std::size_t>(arena_ - out)};
  } else {
    value = {copied, static_cast<std::size_t>(at - copied)};
  }
  return at + 1;
}

const char* JsonScanner::escape(const char* at) {
  if (at[1] != 'u') {
    const char character = unescaped(at[1]);
    if (character == 0) return fail("json", "an unknown escape", at);
    *arena_++ = character;
    return at + 2;
  }
  const std::optional<std::uint32_t> unit = code_unit(at + 2);
  if (!unit) return fail("json", "an unknown escape", at);
  std::uint32_t point = *unit;
  const char* next = at + 6;
  if (point >= 0xd800 && point < 0xe000) {
    const auto low = next[0] == '\\' && next[1] == 'u' ? code_unit(next + 2) : std::nullopt;
    if (point >= 0xdc00 || !low || *low < 0xdc00 || *low >= 0xe000) return fail("encoding", "a lone surrogate", at);
    point = 0x10000 + ((point - 0xd800) << 10) + (*low - 0xdc00);
    next += 6;
  }
  arena_ = put_utf8(arena_, point);
  return next;
}

const char* JsonScanner::fraction_and_exponent(const char* begin, const char* at) {
  if (*at == '.') {
    if (!is_digit(at[1])) return fail("json", "expected a digit", at + 1);
    at = digits(at + 1);
  }
  if ((*at | 0x20) != 'e') return at;
  const char* const mantissa_end = at++;
  const char* const exponent = at;
  at += *at == '+' || *at == '-' ? 1 : 0;
  if (!is_digit(*at)) return fail("json", "expected a digit", at);
  at = digits(at);
  const auto text = [](const char* from, const char* until) {
    return std::string_view(from, static_cast<std::size_t>(until - from));
  };
  constexpr std::ptrdiff_t kHarmlessBytes = 17;
  if (at - exponent > kHarmlessBytes && !exponent_fits(text(begin, mantissa_end), text(exponent, at)))
    return fail("json", "an exponent is too large", begin);
  return at;
}

const char* JsonScanner::any(const char* at, int depth, char*& kept) {
  const char* const begin = at;
  std::string_view value;
  Number read;
  switch (*at) {
    case '{':
      return object(at, depth + 1, kept);
    case '[':
      return array(at, depth + 1, kept);
    case '"':
      at = string(at + 1, value);
      break;
    case 't':
      at = literal(at, "true");
      break;
    case 'f':
      at = literal(at, "false");
      break;
    case 'n':
      at = literal(at, "null");
      break;
    default:
      at = number(at, read);
      break;
  }
  if (at != nullptr) keep(kept, begin, at);
  return at;
}

const char* JsonScanner::object(const char* at, int depth, char*& kept) {
  if (depth > kDepthMax) return fail("depth", "nested too deep", at);
  *kept++ = '{';
  at = space(at + 1);
  if (*at == '}') {
    *kept++ = '}';
    return inside(at + 1);
  }
  for (;;) {
    if (*at != '"') return fail("json", "expected a name", at);
    const char* const name = at;
    std::string_view value;
    if ((at = string(at + 1, value)) == nullptr) return nullptr;
    keep(kept, name, at);
    at = space(at);
    if (*at != ':') return fail("json", "expected a colon", at);
    *kept++ = ':';
    if ((at = any(space(at + 1), depth, kept)) == nullptr) return nullptr;
    at = space(at);
    *kept++ = *at;
    if (*at == '}') return inside(at + 1);
    if (*at != ',') return fail("json", "expected a comma or a brace", at);
    at = space(at + 1);
  }
}

const char* JsonScanner::array(const char* at, int depth, char*& kept) {
  if (depth > kDepthMax) return fail("depth", "nested too deep", at);
  *kept++ = '[';
  at = space(at + 1);
  if (*at == ']') {
    *kept++ = ']';
    return at + 1;
  }
  for (;;) {
    if ((at = any(at, depth, kept)) == nullptr) return nullptr;
    at = space(at);
    *kept++ = *at;
    if (*at == ']') return at + 1;
    if (*at != ',') return fail("json", "expected a comma or a bracket", at);
    at = space(at + 1);
  }
}

}  // namespace nudge
