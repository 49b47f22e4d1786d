#include "config/bind_address.h"

#include <arpa/inet.h>

#include "config/scalar.h"

namespace nudge::config {

std::optional<BindAddress> parse_bind_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_integer(std::string(text.substr(colon + 1)));
  if (!port || *port < 0 || *port > 65'535) return std::nullopt;
  BindAddress address{std::string(text.substr(0, colon)), static_cast<std::uint16_t>(*port), false};
  if (address.ip == "localhost") address.ip = "127.0.0.1";
  in6_addr v6;
  in_addr v4;
  if (address.ip.starts_with('[') && address.ip.ends_with(']')) {
    address.ip = address.ip.substr(1, address.ip.size() - 2);
    if (inet_pton(AF_INET6, address.ip.c_str(), &v6) != 1) return std::nullopt;
    address.is_loopback = IN6_IS_ADDR_LOOPBACK(&v6);
  } else {
    if (inet_pton(AF_INET, address.ip.c_str(), &v4) != 1) return std::nullopt;
    address.is_loopback = ntohl(v4.s_addr) >> 24 == 127;
  }
  return address;
}

std::string to_string(const BindAddress& address) {
  const bool v6 = address.ip.find(':') != std::string::npos;
  return (v6 ? "[" + address.ip + "]" : address.ip) + ":" + std::to_string(address.port);
}

}  // namespace nudge::config
