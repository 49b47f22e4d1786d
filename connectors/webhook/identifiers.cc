#include "connectors/webhook/identifiers.h"

#include <absl/strings/ascii.h>

#include <algorithm>

#include "connectors/webhook/digest.h"

namespace nudge::connectors::webhook {
namespace {

constexpr std::size_t kDigitsLeast = 8, kDigitsMost = 15;
constexpr std::string_view kSeparators = " -./()\t";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool has_trunk_zero(std::string_view country) {
  // Italian numbers keep their zero; San Marino and the Vatican follow.
  return country != "39" && country != "378" && country != "379";
}

}  // namespace

std::string normal_email(std::string_view email) {
  std::string normal(trimmed(email));
  absl::AsciiStrToLower(&normal);
  const std::size_t at = normal.find('@');
  const bool is_address = at != std::string::npos && at > 0 && at + 1 < normal.size() &&
                          normal.find('@', at + 1) == std::string::npos &&
                          std::ranges::none_of(normal, [](char c) { return absl::ascii_isspace(c); });
  return is_address ? normal : std::string();
}

std::string google_email(std::string_view email) {
  std::string normal = normal_email(email);
  const std::size_t at = normal.find('@');
  if (normal.ends_with("@gmail.com") || normal.ends_with("@googlemail.com")) {
    const auto end = normal.begin() + static_cast<std::ptrdiff_t>(at);
    normal.erase(std::remove(normal.begin(), end, '.'), end);
  }
  return normal.starts_with('@') ? std::string() : normal;
}

std::string e164_phone(std::string_view phone, std::string_view country) {
  phone = trimmed(phone);
  bool international = phone.starts_with('+');
  if (international) phone.remove_prefix(1);
  std::string digits;
  for (const char c : phone) {
    if (absl::ascii_isdigit(c))
      digits.push_back(c);
    else if (kSeparators.find(c) == std::string_view::npos)
      return {};
  }
  if (!international && digits.starts_with("00")) {
    international = true;
    digits.erase(0, 2);
  }
  if (!international) {
    if (country.empty()) return {};
    if (digits.starts_with('0') && has_trunk_zero(country)) digits.erase(0, 1);
    digits.insert(0, country);
  }
  const bool possible = digits.size() >= kDigitsLeast && digits.size() <= kDigitsMost && digits.front() != '0';
  return possible ? "+" + digits : std::string();
}

std::string hashed(std::string_view normal) { return normal.empty() ? std::string() : hexadecimal(sha256(normal)); }

}  // namespace nudge::connectors::webhook
