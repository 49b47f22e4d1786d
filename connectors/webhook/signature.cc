#include "connectors/webhook/signature.h"

#include <absl/strings/escaping.h>
#include <fmt/core.h>

#include <algorithm>

#include "connectors/webhook/digest.h"

namespace nudge::connectors::webhook {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kKeyBytesLeast = 24, kKeyBytesMost = 64;

}  // namespace

Result<std::string> signing_key(std::string_view secret) {
  std::string key;
  const std::string encoded(secret.substr(std::min(secret.size(), kPrefix.size())));
  if (!secret.starts_with(kPrefix) || !absl::Base64Unescape(encoded, &key) || key.size() < kKeyBytesLeast ||
      key.size() > kKeyBytesMost)
    return Status::config(
        "is no secret of Standard Webhooks: whsec_ and base64 of 24 to 64 bytes; make one: "
        "printf whsec_; openssl rand -base64 32");
  return key;
}

std::string signature(std::string_view key, std::string_view id, std::int64_t timestamp, std::string_view body) {
  return "v1," + absl::Base64Escape(hmac_sha256(key, fmt::format("{}.{}.{}", id, timestamp, body)));
}

}  // namespace nudge::connectors::webhook
