#include "engine/decimal.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace nudge {
namespace {

constexpr std::array<std::uint64_t, 20> kPowersOfTen = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// Exponents beyond this are all alike: no text is long enough to bring them back.
constexpr std::int64_t kExponentMax = std::int64_t{1} << 40;

bool is_digit(char character) { return character >= '0' && character <= '9'; }

struct Digits {
  std::uint64_t value = 0;   // of the significant digits, if these are at most 19
  std::int64_t count = 0;    // of the significant digits
  std::int64_t zeros = 0;    // written after them
  std::int64_t written = 0;  // all of them

  void add(char character) {
    ++written;
    if (character == '0') {
      zeros += count > 0 ? 1 : 0;
      return;
    }
    const std::int64_t grown = count + zeros + 1;
    if (grown <= 19) value = value * kPowersOfTen[zeros + 1] + static_cast<std::uint64_t>(character - '0');
    count = grown;
    zeros = 0;
  }
};

// The exponent after `e`: the rest of a token.
std::optional<std::int64_t> parse_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  std::int64_t exponent = 0;
  for (const char character : text) exponent = std::min(exponent * 10 + (character - '0'), kExponentMax);
  return negative ? -exponent : exponent;
}

std::optional<std::int64_t> parse(std::string_view text, int decimals, std::int64_t limit, bool exponents) {
  const bool negative = text.starts_with('-');
  std::size_t next = negative ? 1 : 0;
  Digits digits;
  for (; next < text.size() && is_digit(text[next]); ++next) digits.add(text[next]);
  const std::int64_t whole = digits.written;
  if (whole == 0) return std::nullopt;
  if (next < text.size() && text[next] == '.') {
    for (++next; next < text.size() && is_digit(text[next]); ++next) digits.add(text[next]);
    if (digits.written == whole) return std::nullopt;
  }
  std::int64_t exponent = 0;
  if (next < text.size()) {
    if (!exponents || (text[next] | 0x20) != 'e') return std::nullopt;
    const std::optional<std::int64_t> parsed = parse_exponent(text.substr(next + 1));
    if (!parsed) return std::nullopt;
    exponent = *parsed;
  }
  if (digits.count == 0) return 0;
  // The value is `digits.value` times ten to this power, and its last digit is not zero.
  const std::int64_t power = exponent - (digits.written - whole) + digits.zeros + decimals;
  if (power < 0 || digits.count + power > 19) return std::nullopt;
  const std::uint64_t size = digits.value * kPowersOfTen[power];
  if (size >= static_cast<std::uint64_t>(limit)) return std::nullopt;
  return negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
}

// 00, 01, 02 … 99.
constexpr std::array<char, 200> kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// Writes the digits of `value` so that they end at `end`, at least `width` of them, and returns where they begin.
char* write_digits_before(char* end, unsigned __int128 value, int width) {
  char* at = end;
  for (; value >> 64 != 0; value /= 10) *--at = static_cast<char>('0' + static_cast<int>(value % 10));
  auto rest = static_cast<std::uint64_t>(value);
  for (; rest >= 10; rest /= 100) {
    at -= 2;
    std::memcpy(at, &kDigitPairs[2 * (rest % 100)], 2);
  }
  if (rest != 0) *--at = static_cast<char>('0' + rest);
  while (end - at < width) *--at = '0';
  return at;
}

}  // namespace

std::optional<std::int64_t> parse_json_decimal(std::string_view token, int decimals, std::int64_t limit) {
  return parse(token, decimals, limit, true);
}

std::optional<std::int64_t> parse_plain_decimal(std::string_view text, int decimals, std::int64_t limit) {
  return parse(text, decimals, limit, false);
}

void append_decimal(std::string& out, Int128 value, int decimals) {
  // 39 digits of 128 bits, the point and the sign; decimals beyond 39 do not occur.
  std::array<char, 96> buffer;
  char* const end = buffer.data() + buffer.size();
  const bool negative = value < 0;
  auto size = static_cast<unsigned __int128>(value);
  if (negative) size = -size;
  char* begin = write_digits_before(end, size, decimals + 1);
  char* last = end;
  if (decimals > 0) {
    char* const point = end - decimals;
    while (last > point && last[-1] == '0') --last;
    if (last > point) {
      std::copy(begin, point, begin - 1);
      --begin;
      point[-1] = '.';
    }
  }
  if (negative) *--begin = '-';
  out.append(begin, last);
}

std::string format_decimal(Int128 value, int decimals) {
  std::string text;
  append_decimal(text, value, decimals);
  return text;
}

}  // namespace nudge
