// The token of OAUTHBEARER: a JWT (RFC 7519), read for its end and its subject; who signed it is the broker's business.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/status.h"

namespace nudge::connectors::kafka {

struct Token {
  std::string subject;       // `sub`
  std::int64_t ends_ms = 0;  // `exp`, Unix epoch
};

// kConfig where the text is no JWT with `exp`; the message does not hold the token.
Result<Token> read_token(std::string_view jwt);

}  // namespace nudge::connectors::kafka
