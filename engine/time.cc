#include "engine/time.h"

#include <array>
#include <cstring>

namespace nudge {
namespace {

// Days since 1970-01-01 of the proleptic Gregorian calendar, and back, for the years 1 to 9999 (Howard Hinnant,
// "chrono-compatible low-level date algorithms"): years begin in March, so that a leap day is the last of its year.
constexpr std::int64_t days_of(unsigned year, unsigned month, unsigned day) {
  const unsigned shifted = month <= 2 ? year - 1 : year;
  const unsigned era = shifted / 400, year_of_era = shifted % 400;
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return static_cast<std::int64_t>(era) * 146'097 + day_of_era - 719'468;
}

struct Date {
  unsigned year, month, day;
};
constexpr Date date_of(std::int64_t days) {
  const auto shifted = static_cast<std::uint32_t>(days + 719'468);
  const std::uint32_t era = shifted / 146'097, day_of_era = shifted % 146'097;
  const std::uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::uint32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day_of_year - (153 * shifted_month + 2) / 5 + 1};
}
static_assert(days_of(1970, 1, 1) == 0 && days_of(2000, 3, 1) == 11'017 && date_of(11'016).day == 29);

constexpr unsigned days_in(unsigned year, unsigned month) {
  constexpr std::array<std::uint8_t, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month];
}

// Reads fixed-width digits; the first other character is remembered instead of tested each time.
class Digits {
 public:
  unsigned two(const char* text) { return digit(text[0]) * 10 + digit(text[1]); }
  bool all() const { return all_; }

 private:
  unsigned digit(char character) {
    const unsigned value = static_cast<unsigned char>(character) - unsigned{'0'};
    all_ &= value <= 9;
    return value;
  }
  bool all_ = true;
};

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// `Z`, `z` or `±hh:mm`, and nothing after it.
std::optional<Millis> parse_offset(std::string_view text) {
  if (text.size() == 1 && (text[0] | 0x20) == 'z') return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  Digits digits;
  const unsigned hours = digits.two(&text[1]), minutes = digits.two(&text[4]);
  if (!digits.all() || hours > 23 || minutes > 59) return std::nullopt;
  const Millis offset = hours * kHour + minutes * kMinute;
  return text[0] == '-' ? -offset : offset;
}

void write_two(unsigned value, char* out) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
}

struct Unit {
  std::string_view name;
  Millis length;
};
constexpr std::array<Unit, 6> kUnits = {
    {{"w", kWeek}, {"d", kDay}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}, {"ms", 1}}};

}  // namespace

void write_time(Millis time, char* out) {
  const auto days = static_cast<std::uint32_t>(time / kDay);
  auto rest = static_cast<std::uint32_t>(time % kDay);
  const Date date = date_of(days);
  std::memcpy(out, "0000-00-00T00:00:00.000Z", kTimeTextBytes);
  write_two(date.year / 100, out);
  write_two(date.year % 100, out + 2);
  write_two(date.month, out + 5);
  write_two(date.day, out + 8);
  const std::uint32_t millis = rest % 1000;
  rest /= 1000;
  write_two(rest / 3600, out + 11);
  write_two(rest / 60 % 60, out + 14);
  write_two(rest % 60, out + 17);
  out[20] = static_cast<char>('0' + millis / 100);
  write_two(millis % 100, out + 21);
}

std::string format_time(Millis time) {
  std::string text(kTimeTextBytes, '\0');
  write_time(time, text.data());
  return text;
}

std::optional<Millis> parse_time(std::string_view text) {
  constexpr std::size_t kWholeSeconds = 19;  // 2024-01-01T00:00:00
  if (text.size() <= kWholeSeconds) return std::nullopt;
  Digits digits;
  const char* at = text.data();
  const unsigned year = digits.two(at) * 100 + digits.two(at + 2), month = digits.two(at + 5), day = digits.two(at + 8);
  const unsigned hour = digits.two(at + 11), minute = digits.two(at + 14), second = digits.two(at + 17);
  const bool separated = (at[4] == '-') & (at[7] == '-') & ((at[10] | 0x20) == 't') & (at[13] == ':') & (at[16] == ':');
  if (!digits.all() || !separated) return std::nullopt;
  if (year == 0 || month - 1 >= 12 || day - 1 >= days_in(year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;

  std::size_t next = kWholeSeconds;
  Millis millis = 0;
  if (text[next] == '.') {
    Millis weight = 100;
    const std::size_t first = ++next;
    for (; next < text.size() && is_digit(text[next]); ++next, weight /= 10) millis += (text[next] - '0') * weight;
    if (next == first) return std::nullopt;
  }
  const std::optional<Millis> offset = parse_offset(text.substr(next));
  if (!offset) return std::nullopt;
  const Millis time = days_of(year, month, day) * kDay + hour * kHour + minute * kMinute + second * kSecond + millis;
  if (time < *offset || time - *offset > kLastTime) return std::nullopt;
  return time - *offset;
}

std::optional<Millis> parse_duration(std::string_view text) {
  Millis count = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits)
    if (__builtin_mul_overflow(count, 10, &count) || __builtin_add_overflow(count, text[digits] - '0', &count))
      return std::nullopt;
  if (digits == 0) return std::nullopt;
  for (const Unit& unit : kUnits)
    if (Millis duration = 0; text.substr(digits) == unit.name && !__builtin_mul_overflow(count, unit.length, &duration))
      return duration;
  return std::nullopt;
}

std::string format_duration(Millis duration) {
  if (duration == 0) return "0s";
  for (const Unit& unit : kUnits)
    if (duration % unit.length == 0) return std::to_string(duration / unit.length).append(unit.name);
  return {};  // not reached: a millisecond divides everything
}

}  // namespace nudge
