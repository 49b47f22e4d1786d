// The address of a receiver: https://host[:port][/path].
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nudge::config {

struct WebAddress {
  bool tls = true;
  std::string host;  // a name or an address, without the brackets of IPv6
  std::uint16_t port = 443;
  std::string path;  // empty or beginning with a slash; with the query, if any; without a slash at its end
  bool is_loopback = false;

  // As in the Host field: without the scheme's own port.
  std::string authority() const;
};

// Nothing where it is no address of the schemes http and https, names a user, or has a fragment or a blank.
std::optional<WebAddress> parse_web_address(std::string_view text);

}  // namespace nudge::config
