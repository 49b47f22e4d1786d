#include "engine/json_writer.h"

#include <algorithm>
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

// A bit in each byte's highest place where the byte of `word` is a quote, a backslash or a control character.
// Bytes above the first such one may be marked wrongly.
constexpr std::uint64_t marked_escapes(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  const std::uint64_t quotes = word ^ (kOnes * '"'), backslashes = word ^ (kOnes * '\\');
  return (((quotes - kOnes) & ~quotes) | ((backslashes - kOnes) & ~backslashes) | ((word - kOnes * 0x20) & ~word)) & kHigh;
}

// How many bytes from the first on need no escape.
std::size_t plain_bytes(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if (marked_escapes(word) != 0) break;
  }
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
  std::array<char, 64> buffer;
  const std::size_t comma = comma_ ? 1 : 0;
  comma_ = false;
  if (name.size() + 4 > buffer.size()) {
    out_.append(comma, ',').append(1, '"').append(name).append("\":");
    return;
  }
  buffer[0] = ',';
  char* at = buffer.data() + comma;
  *at++ = '"';
  at = std::copy(name.begin(), name.end(), at);
  *at++ = '"';
  *at++ = ':';
  out_.append(buffer.data(), at);
}

void JsonWriter::text(std::string_view value) {
  separate();
  out_.push_back('"');
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
