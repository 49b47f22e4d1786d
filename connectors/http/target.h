// The target of a request, `/a/b%20c?k=10&x=y`, taken apart and decoded.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nudge::connectors::http {

// `%20` and, in a query, `+`. Nothing where a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

struct Target {
  std::string path;
  std::map<std::string, std::string> query;
};
// Nothing where it does not begin with a slash, or its query cannot be decoded. The path stays as it was sent.
std::optional<Target> parse_target(std::string_view target);

// The parts of a path between its slashes, still encoded: `/a//b` has three.
std::vector<std::string_view> segments_of(std::string_view path);

}  // namespace nudge::connectors::http
