// Whether a request's Host names this machine to itself. A page on another site whose name was made to point here would
// say its own name.
#pragma once

#include <string_view>

namespace nudge::connectors::http {

// `127.0.0.1`, `localhost`, `[::1]`, each with or without a port.
bool is_loopback_host(std::string_view host);

}  // namespace nudge::connectors::http
