#include "engine/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace nudge {
namespace {

constexpr std::array<double, 10> kPowersOfTen = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

// What follows the backslash for each byte: 0 for none, 'u' for four hexadecimal digits.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (int control = 0; control < 0x20; ++control) escapes[control] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

// Nonzero if one of the bytes of `word` is a quote, a backslash or a control character.
constexpr std::uint64_t escapes_in(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  const std::uint64_t quotes = word ^ (kOnes * '"'), backslashes = word ^ (kOnes * '\\');
  const std::uint64_t found =
      ((quotes - kOnes) & ~quotes) | ((backslashes - kOnes) & ~backslashes) | ((word - kOnes * 0x20) & ~word);
  return found & kHigh;
}

template <typename Word>
std::uint64_t copy_word(char* out, const char* from) {
  Word word = 0;
  std::memcpy(&word, from, sizeof word);
  std::memcpy(out, &word, sizeof word);
  // The rest of a shorter word is filled with what needs no escape.
  constexpr std::uint64_t kFill = sizeof word == 8 ? 0 : 0x8080808080808080 << (8 * sizeof word % 64);
  return escapes_in(word | kFill);
}

// Copies all of `text` and returns nonzero if some of it needs an escape. Most texts are shorter than what makes a call
// of memcpy worth while; the last word may overlap the one before.
std::uint64_t copy_plain(char* out, std::string_view text) {
  const char* const from = text.data();
  const std::size_t size = text.size();
  std::uint64_t escapes = 0;
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) escapes |= copy_word<std::uint64_t>(out + at, from + at);
    return escapes | copy_word<std::uint64_t>(out + size - 8, from + size - 8);
  }
  if (size >= 4) return copy_word<std::uint32_t>(out, from) | copy_word<std::uint32_t>(out + size - 4, from + size - 4);
  for (std::size_t at = 0; at < size; ++at) escapes |= copy_word<std::uint8_t>(out + at, from + at);
  return escapes;
}

// Room for `size` bytes more, filled with quotes. Bytes are written in place: to copy what has just been written costs
// more than to fill.
char* grown(std::string& out, std::size_t size) {
  out.append(size, '"');
  return out.data() + out.size() - size;
}

// How many bytes from the first on need no escape.
std::size_t plain_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && kEscapes[static_cast<unsigned char>(text[at])] == 0) ++at;
  return at;
}

void append_escape(std::string& out, char character) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(character);
  out.push_back('\\');
  out.push_back(kEscapes[byte]);
  if (kEscapes[byte] == 'u') out.append("00").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
}

}  // namespace

void JsonWriter::separate() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

void JsonWriter::open(char bracket) {
  separate();
  out_.push_back(bracket);
  comma_ = false;
}

void JsonWriter::close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
}

void JsonWriter::key(std::string_view name) {
  const std::size_t comma = comma_ ? 1 : 0;
  comma_ = false;
  char* const begin = grown(out_, comma + name.size() + 3);
  begin[0] = ',';
  begin[comma] = '"';
  copy_plain(begin + comma + 1, name);
  begin[comma + name.size() + 2] = ':';
}

void JsonWriter::text(std::string_view value) {
  const std::size_t comma = comma_ ? 1 : 0;
  comma_ = true;
  char* const begin = grown(out_, comma + value.size() + 2);
  begin[0] = ',';
  begin[comma] = '"';
  if (copy_plain(begin + comma + 1, value) == 0) [[likely]]
    return;
  out_.resize(out_.size() - value.size() - 1);
  for (;;) {
    const std::size_t plain = plain_bytes(value);
    out_.append(value.substr(0, plain));
    if (plain == value.size()) break;
    append_escape(out_, value[plain]);
    value.remove_prefix(plain + 1);
  }
  out_.push_back('"');
}

void JsonWriter::number(std::int64_t value) {
  separate();
  std::array<char, 24> buffer;
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out_.append(buffer.data(), written.ptr);
}

void JsonWriter::number(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  std::array<char, 32> buffer;
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out_.append(buffer.data(), written.ptr);
}

void JsonWriter::fixed(double value, int decimals) {
  if (!(std::fabs(value) < 1e9)) return number(value);
  // Both steps are exact but for the product's own rounding: the nearest integer, halves away from zero.
  const double scaled = value * kPowersOfTen[decimals];
  auto whole = static_cast<std::int64_t>(scaled);
  const double rest = scaled - static_cast<double>(whole);
  whole += static_cast<int>(rest >= 0.5) - static_cast<int>(rest <= -0.5);
  decimal(whole, decimals);
}

void JsonWriter::decimal(Int128 value, int decimals) {
  separate();
  append_decimal(out_, value, decimals);
}

void JsonWriter::decimal_text(Int128 value, int decimals) {
  separate();
  out_.push_back('"');
  append_decimal(out_, value, decimals);
  out_.push_back('"');
}

void JsonWriter::boolean(bool value) { raw(value ? "true" : "false"); }

void JsonWriter::null() { raw("null"); }

void JsonWriter::time(Millis value) {
  std::array<char, kTimeTextBytes + 2> buffer;
  buffer.front() = buffer.back() = '"';
  write_time(value, buffer.data() + 1);
  separate();
  out_.append(buffer.data(), buffer.size());
}

void JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
}

}  // namespace nudge
