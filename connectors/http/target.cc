#include "connectors/http/target.h"

#include <absl/strings/ascii.h>

#include <charconv>

namespace nudge::connectors::http {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0;; from = parts.back().data() + parts.back().size() + 1 - text.data()) {
    parts.push_back(text.substr(from, text.find(separator, from) - from));
    if (parts.back().end() == text.end()) return parts;
  }
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded.push_back(' ');
    } else if (text[i] != '%') {
      decoded.push_back(text[i]);
    } else {
      if (i + 2 >= text.size() || !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) ||
          !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2])))
        return std::nullopt;
      unsigned value = 0;
      std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
      decoded.push_back(static_cast<char>(value));
      i += 2;
    }
  }
  return decoded;
}

std::optional<Target> parse_target(std::string_view target) {
  if (!target.starts_with('/')) return std::nullopt;
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  Target parsed{std::string(target.substr(0, mark)), {}};
  if (mark == std::string_view::npos) return parsed;
  for (const std::string_view part : split(target.substr(mark + 1), '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    auto name = percent_decoded(part.substr(0, equals), true);
    auto value = percent_decoded(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    parsed.query[std::move(*name)] = std::move(*value);
  }
  return parsed;
}

std::vector<std::string_view> segments_of(std::string_view path) {
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  return split(path, '/');
}

}  // namespace nudge::connectors::http
