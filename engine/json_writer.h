// Appends JSON to a buffer, one value after the other: the writing half of JSON, for the output path where
// each record costs less than a microsecond. No allocation but the buffer's own growth.
//
// Numbers are finite: a NaN or an infinity is written as null, as the contract asks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/decimal.h"
#include "engine/time.h"

namespace nudge {

// The name of a member as it stands in JSON, made by the compiler: `,"name":`.
template <std::size_t kSize>
struct MemberName {
  char json[kSize + 3];
  consteval MemberName(const char (&name)[kSize]) {
    json[0] = ',';
    json[1] = '"';
    std::copy_n(name, kSize - 1, json + 2);
    json[kSize + 1] = '"';
    json[kSize + 2] = ':';
  }
};

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  // A member's name: plain ASCII without quotes or backslashes.
  void key(std::string_view name);
  // The same for a name that is known to the compiler, at half the cost: key<"name">().
  template <MemberName kName>
  void key() {
    const std::size_t from = comma_ ? 0 : 1;
    out_.append(kName.json + from, sizeof kName.json - from);
    comma_ = false;
  }
  // Whole members as they stand in JSON: `"a":1,"b":null`.
  void members(std::string_view json) { raw(json); }
  // The same up to a colon, after which a value is to follow: `"a":1,"b":`.
  void members_and_key(std::string_view json) {
    raw(json);
    comma_ = false;
  }

  void text(std::string_view value);  // escaped
  void number(std::int64_t value);
  void number(double value);                 // the shortest that reads back the same
  void fixed(double value, int decimals);    // rounded to at most 9 decimals, trailing zeros cut; for |value| < 1e9
  void decimal(Int128 value, int decimals);  // an exact decimal as a JSON number
  void decimal_text(Int128 value, int decimals);  // the same as a JSON string
  void boolean(bool value);
  void null();
  void time(Millis value);  // RFC 3339 text
  void raw(std::string_view json);

  // key and value in one.
  template <typename T>
  void member(std::string_view name, T value) {
    key(name);
    write(value);
  }
  template <MemberName kName, typename T>
  void member(T value) {
    key<kName>();
    write(value);
  }
  void member_time(std::string_view name, Millis value) {
    key(name);
    time(value);
  }
  template <MemberName kName>
  void member_time(Millis value) {
    key<kName>();
    time(value);
  }
  void member_fixed(std::string_view name, double value, int decimals) {
    key(name);
    fixed(value, decimals);
  }
  template <MemberName kName>
  void member_fixed(double value, int decimals) {
    key<kName>();
    fixed(value, decimals);
  }
  void member_null(std::string_view name) {
    key(name);
    null();
  }
  template <MemberName kName>
  void member_null() {
    key<kName>();
    null();
  }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();  // a comma where one is needed
  void write(std::string_view value) { text(value); }
  void write(const std::string& value) { text(value); }
  void write(const char* value) { text(value); }
  void write(std::int64_t value) { number(value); }
  void write(int value) { number(static_cast<std::int64_t>(value)); }
  void write(std::uint32_t value) { number(static_cast<std::int64_t>(value)); }
  void write(std::uint64_t value) { number(static_cast<std::int64_t>(value)); }
  void write(double value) { number(value); }
  void write(bool value) { boolean(value); }

  std::string& out_;
  bool comma_ = false;
};

}  // namespace nudge
