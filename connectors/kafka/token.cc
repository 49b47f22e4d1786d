#include "connectors/kafka/token.h"

#include <absl/strings/escaping.h>

#include "connectors/json_text.h"

namespace nudge::connectors::kafka {

Result<Token> read_token(std::string_view jwt) {
  const Status wrong = Status::config(
      "kafka.sasl.oauthbearer.token: is no JWT with the claim exp; provide one, as the identity provider gives it");
  const std::size_t first = jwt.find('.'), second = first == jwt.npos ? first : jwt.find('.', first + 1);
  if (second == jwt.npos) return wrong;
  std::string claims;
  const std::string_view packed = jwt.substr(first + 1, second - first - 1);
  if (!absl::WebSafeBase64Unescape({packed.data(), packed.size()}, &claims)) return wrong;
  const auto json = parse_json(claims);
  if (!json.is_object() || !json.contains("exp") || !json["exp"].is_number()) return wrong;
  Token token;
  token.ends_ms = static_cast<std::int64_t>(json["exp"].get<double>() * 1000);
  token.subject = json.contains("sub") && json["sub"].is_string() ? json["sub"].get<std::string>() : "nudge";
  return token;
}

}  // namespace nudge::connectors::kafka
