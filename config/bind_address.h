// Where a server listens: `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
//
// Names but `localhost`, which is 127.0.0.1, are not looked up: who can reach a server must not depend on others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nudge::config {

struct BindAddress {
  std::string ip;          // v4 or v6, without brackets
  std::uint16_t port = 0;  // 0: any free one
  bool is_loopback = false;
};

// Nothing where the text is no address and port.
std::optional<BindAddress> parse_bind_address(std::string_view text);
// As it is written in a URL: [::1]:8080.
std::string to_string(const BindAddress& address);

}  // namespace nudge::config
