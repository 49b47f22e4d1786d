// SHA-256 and HMAC-SHA-256, by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace nudge::connectors::webhook {

std::string sha256(std::string_view bytes);                             // 32 bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 bytes
std::string hexadecimal(std::string_view bytes);                        // in lower case

}  // namespace nudge::connectors::webhook
