#include "connectors/http/loopback_host.h"

#include <absl/strings/ascii.h>

#include <string>

#include "config/bind_address.h"

namespace nudge::connectors::http {

bool is_loopback_host(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  std::string name(host.substr(0, has_port ? colon : host.size()));
  absl::AsciiStrToLower(&name);
  const auto address = config::parse_bind_address(name + ":0");
  return address && address->is_loopback;
}

}  // namespace nudge::connectors::http
