#include "config/web_address.h"

#include <algorithm>
#include <charconv>

namespace nudge::config {
namespace {

constexpr std::uint16_t kHttpPort = 80, kHttpsPort = 443;

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// `host`, `host:port` or `[address]:port`, into the address.
bool take_authority(std::string_view text, WebAddress& address) {
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    address.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const std::size_t end = std::min(text.find(':'), text.size());
    address.host = text.substr(0, end);
    rest = text.substr(end);
  }
  if (address.host.empty() || address.host.find_first_of("@\\[]") != std::string::npos) return false;
  if (rest.empty()) return true;
  if (!rest.starts_with(':')) return false;
  const auto port = parse_port(rest.substr(1));
  if (port) address.port = *port;
  return port.has_value();
}

}  // namespace

std::string WebAddress::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? kHttpsPort : kHttpPort) ? name : name + ":" + std::to_string(port);
}

std::optional<WebAddress> parse_web_address(std::string_view text) {
  WebAddress address;
  if (!is_printable(text) || text.find('#') != std::string_view::npos) return std::nullopt;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
    address.tls = false;
    address.port = kHttpPort;
  } else {
    return std::nullopt;
  }
  const std::size_t path = std::min(text.find_first_of("/?"), text.size());
  if (!take_authority(text.substr(0, path), address)) return std::nullopt;
  address.path = text.substr(path);
  if (address.path.starts_with('?')) address.path.insert(0, 1, '/');
  if (address.path.ends_with('/')) address.path.pop_back();
  address.is_loopback =
      address.host == "localhost" || address.host == "::1" ||
      (address.host.starts_with("127.") && address.host.find_first_not_of("0123456789.") == std::string::npos);
  return address;
}

}  // namespace nudge::config
