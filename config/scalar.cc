#include "config/scalar.h"

#include <charconv>
#include <cmath>

#include "engine/time.h"

namespace nudge::config {
namespace {

struct SizeUnit {
  std::string_view name;
  std::int64_t bytes;
};
constexpr SizeUnit kSizeUnits[] = {{"GiB", 1ll << 30}, {"GB", 1'000'000'000}, {"MiB", 1ll << 20},
                                   {"MB", 1'000'000},  {"KiB", 1ll << 10},    {"KB", 1'000}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return integer;
}

std::optional<double> parse_real(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  // from_chars would also take the words inf and nan.
  const bool numeric =
      !digits.empty() && (is_digit(digits[0]) || (digits[0] == '.' && digits.size() > 1 && is_digit(digits[1])));
  if (!numeric) return std::nullopt;
  double real = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(real)) return std::nullopt;
  return real;
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  std::int64_t unit = 1;
  for (const SizeUnit& candidate : kSizeUnits) {
    if (!text.ends_with(candidate.name)) continue;
    unit = candidate.bytes;
    text.remove_suffix(candidate.name.size());
    break;
  }
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  const auto count = parse_integer(text);
  std::int64_t bytes = 0;
  if (!count || __builtin_mul_overflow(*count, unit, &bytes)) return std::nullopt;
  return bytes;
}

std::string format_size(std::int64_t bytes) {
  for (const SizeUnit& unit : kSizeUnits)
    if (bytes != 0 && bytes % unit.bytes == 0) return std::to_string(bytes / unit.bytes) + std::string(unit.name);
  return std::to_string(bytes);
}

std::string format_bound(Kind kind, double bound) {
  if (kind == Kind::kDuration) return format_duration(static_cast<Millis>(bound));
  if (kind == Kind::kSize) return format_size(static_cast<std::int64_t>(bound));
  char digits[32];
  const bool plain = std::abs(bound) < 1e15 && std::abs(bound) >= 1e-5;
  const auto format = plain || bound == 0 ? std::chars_format::fixed : std::chars_format::general;
  return {digits, std::to_chars(digits, digits + sizeof digits, bound, format).ptr};
}

std::string format_range(const Parameter& parameter) {
  const bool least = std::isfinite(parameter.least), most = std::isfinite(parameter.most);
  const auto bound = [&](double value) { return format_bound(parameter.kind, value); };
  if (least && most) return " from " + bound(parameter.least) + " to " + bound(parameter.most);
  if (least) return " of at least " + bound(parameter.least);
  if (most) return " of at most " + bound(parameter.most);
  return {};
}

std::string expected(const Parameter& parameter) {
  switch (parameter.kind) {
    case Kind::kBoolean:
      return "true or false";
    case Kind::kInteger:
      return "a whole number" + format_range(parameter);
    case Kind::kReal:
      return "a number" + format_range(parameter);
    case Kind::kDuration:
      return "a duration" + format_range(parameter) + ", such as 100ms 5s 30m 3h 7d 12w";
    case Kind::kSize:
      return "a size" + format_range(parameter) + ", such as 64MiB";
    case Kind::kText:
      return "text";
    case Kind::kChoice: {
      std::string text;
      for (const std::string_view choice : parameter.choices) (text += text.empty() ? "one of " : ", ") += choice;
      return text;
    }
    case Kind::kMoney:
      return "an amount" + format_range(parameter) + ", not negative, with at most 6 decimals, such as \"1.20\"";
    case Kind::kExpression:
      return "an SQL expression as text";
    case Kind::kSecret:
      return "a reference: {file: PATH} or {env: NAME}";
    case Kind::kObject:
      return "keys with values";
    case Kind::kList:
      return "a list";
    case Kind::kTable:
      return "a table of names and values";
    case Kind::kAny:
      return "any value";
  }
  return {};
}

}  // namespace nudge::config
