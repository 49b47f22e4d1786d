// The signature of Standard Webhooks (standardwebhooks.com), version 1.0.0: symmetric, `v1`.
//
//   webhook-id         the id of the message: the same at each attempt
//   webhook-timestamp  when the attempt was made, in seconds since 1970
//   webhook-signature  v1,<base64 of HMAC-SHA-256 of "id.timestamp.body">
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/status.h"

namespace nudge::connectors::webhook {

// The key's bytes of `whsec_<base64>`. kConfig where it is something else or has not 24 to 64 bytes; the message never
// holds the secret.
Result<std::string> signing_key(std::string_view secret);

std::string signature(std::string_view key, std::string_view id, std::int64_t timestamp, std::string_view body);

}  // namespace nudge::connectors::webhook
