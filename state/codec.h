// The byte encoding of state: varints, zigzag integers, fixed words, length-prefixed text.
//
// A Decoder never reads past its input. After the first failure every read gives zero or empty
// and `ok()` stays false, so a caller checks once, at the end.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace nudge {

class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  void varint(std::uint64_t value) {
    char bytes[10];
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
    out_.append(bytes, size);
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void zigzag128(__int128 value) {
    const auto bits = (static_cast<unsigned __int128>(value) << 1) ^ static_cast<unsigned __int128>(value >> 127);
    unsigned __int128 rest = bits;
    while (rest >= 0x80) {
      out_.push_back(static_cast<char>(static_cast<unsigned char>(rest) | 0x80));
      rest >>= 7;
    }
    out_.push_back(static_cast<char>(static_cast<unsigned char>(rest)));
  }
  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void boolean(bool value) { byte(value ? 1 : 0); }
  // Little-endian.
  void fixed32(std::uint32_t value) { raw(&value, sizeof value); }
  void fixed64(std::uint64_t value) { raw(&value, sizeof value); }
  void real(double value) { fixed64(std::bit_cast<std::uint64_t>(value)); }
  void real32(float value) { fixed32(std::bit_cast<std::uint32_t>(value)); }
  void text(std::string_view value) {
    varint(value.size());
    out_.append(value);
  }
  std::string& out() { return out_; }

 private:
  void raw(const void* data, std::size_t size) { out_.append(static_cast<const char*>(data), size); }
  std::string& out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  std::int64_t zigzag() {
    const std::uint64_t bits = varint();
    return static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
  }
  __int128 zigzag128() {
    unsigned __int128 bits = 0;
    for (unsigned shift = 0; shift < 128; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      bits |= static_cast<unsigned __int128>(byte & 0x7f) << shift;
      if (byte < 0x80) return static_cast<__int128>(bits >> 1) ^ -static_cast<__int128>(bits & 1);
    }
    fail();
    return 0;
  }
  std::uint8_t byte() {
    const std::string_view one = take(1);
    return one.empty() ? 0 : static_cast<std::uint8_t>(one.front());
  }
  bool boolean() { return byte() != 0; }
  std::uint32_t fixed32() { return word<std::uint32_t>(); }
  std::uint64_t fixed64() { return word<std::uint64_t>(); }
  double real() { return std::bit_cast<double>(fixed64()); }
  float real32() { return std::bit_cast<float>(fixed32()); }
  // Valid as long as the input is.
  std::string_view text() { return take(varint()); }
  // A count of items of at least `bytes_each` bytes; fails where the input cannot hold as many.
  std::size_t count(std::size_t bytes_each = 1) {
    const std::uint64_t n = varint();
    if (n > rest_.size() / bytes_each) {
      fail();
      return 0;
    }
    return n;
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <typename T>
  T word() {
    T value = 0;
    if (const std::string_view bytes = take(sizeof value); !bytes.empty())
      std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace nudge
