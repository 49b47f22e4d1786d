#include "connectors/webhook/settings.h"

#include "config/secret.h"
#include "config/webhook_parameters.h"
#include "connectors/webhook/signature.h"
#include "engine/check.h"

namespace nudge::connectors::webhook {
namespace {

std::string text_of(const config::Value& object, std::string_view name) {
  const config::Value* const value = object.find(name);
  return value ? value->text() : std::string();
}

HeaderValue header_of(const config::Value& value) {
  if (value.kind() != config::Kind::kSecret) return {value.text()};
  const config::SecretPlace place = value.secret_place();
  return {std::string(place.name), true, place.is_file};
}

Result<std::string> read_value(const HeaderValue& value, const std::string& key) {
  if (!value.is_secret) return value.text;
  Result<std::string> secret =
      value.is_file ? config::secret_of_file(value.text) : config::secret_of_environment(value.text);
  if (secret) return secret;
  return Status::config(key + ": " + secret.status().message() + "; correct the reference or provide the secret");
}

int integer_of(const config::Value& object, std::string_view name) {
  return static_cast<int>(object.at(name).integer());
}
Milliseconds duration_of(const config::Value& object, std::string_view name) {
  return Milliseconds(object.at(name).duration());
}

}  // namespace

Settings Settings::of(const config::Value& root, const config::Value& webhook) {
  Settings settings;
  settings.name = webhook.at("name").text();
  const auto address = config::parse_web_address(webhook.at("url").text());
  NUDGE_CHECK(address, "the address of a checked configuration");
  settings.address = *address;
  settings.map = mapping_named(webhook.at("mapping").text());
  for (const auto& [ours, theirs] : webhook.at("lists").entries()) settings.lists.emplace_back(ours, theirs.text());
  if (const config::Value* secret = webhook.find("secret")) settings.secret = header_of(*secret);
  for (const auto& [name, value] : webhook.at("headers").entries())
    settings.headers.emplace_back(name, header_of(value));
  const config::Value& identifiers = webhook.at("identifiers");
  settings.identity = {identifiers.at("external_id").text(), identifiers.at("email").text(),
                       identifiers.at("phone").text(), identifiers.at("contact").text(),
                       text_of(webhook, "phone_country")};
  settings.ca_file = text_of(webhook, "ca_file");
  settings.rate = webhook.at("rate").real();
  settings.burst = integer_of(webhook, "burst");
  settings.concurrency = integer_of(webhook, "concurrency");
  settings.timeout = duration_of(webhook, "timeout");
  const config::Value& retry = webhook.at("retry");
  settings.retry = {duration_of(retry, "backoff"), duration_of(retry, "backoff_max"),
                    duration_of(retry, "retry_after_max"), integer_of(retry, "attempts_max")};
  settings.breaker_failures = integer_of(webhook.at("breaker"), "failures");
  settings.breaker_pause = duration_of(webhook.at("breaker"), "pause");
  settings.customers_max = static_cast<std::size_t>(webhook.at("customers_max").integer());
  settings.records_max = static_cast<std::size_t>(webhook.at("records_max").integer());
  settings.state_folder = config::webhook_state_folder(root, webhook);
  return settings;
}

std::optional<std::string> Settings::receivers_list(const std::string& list) const {
  if (lists.empty()) return list;
  for (const auto& [ours, theirs] : lists)
    if (ours == list) return theirs;
  return std::nullopt;
}

Result<Credentials> Credentials::read(const Settings& settings) {
  Credentials credentials;
  const std::string key = "webhook " + settings.name + ": ";
  if (settings.secret) {
    NUDGE_ASSIGN(const std::string secret, read_value(*settings.secret, key + "secret"));
    Result<std::string> signing = webhook::signing_key(secret);
    if (!signing) return Status::config(key + "secret " + signing.status().message());
    credentials.signing_key = std::move(signing).value();
  }
  for (const auto& [name, value] : settings.headers) {
    NUDGE_ASSIGN(std::string text, read_value(value, key + "headers." + name));
    if (text.find_first_of("\r\n") != std::string::npos)
      return Status::config(key + "headers." + name + " has a line end; write it in one line");
    credentials.headers.emplace_back(name, std::move(text));
  }
  return credentials;
}

}  // namespace nudge::connectors::webhook
