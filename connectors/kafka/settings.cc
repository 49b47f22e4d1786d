#include "connectors/kafka/settings.h"

#include <algorithm>

#include "config/secret.h"

namespace nudge::connectors::kafka {

Result<std::string> SecretReference::read() const {
  Result<std::string> secret = is_file ? config::secret_of_file(name) : config::secret_of_environment(name);
  if (secret) return secret;
  return Status::config("kafka." + setting + ": " + secret.status().message() +
                        "; correct the reference or provide the secret");
}

Result<Settings> Settings::of(const config::Value& root) {
  const config::Value& kafka = root.at("kafka");
  const config::Value* const servers = kafka.find("bootstrap.servers");
  if (!servers || servers->text().empty())
    return Status::config(
        "kafka.bootstrap.servers is not set; name the brokers: kafka: {bootstrap.servers: \"host:9092\"}");
  Settings settings = plain(servers->text(), root.at("name").text());
  for (const auto& [name, value] : kafka.entries()) {
    if (value.is_null() || name == "bootstrap.servers") continue;
    if (value.kind() == config::Kind::kSecret) {
      const config::SecretPlace place = value.secret_place();
      settings.secrets_.push_back({name, place.is_file, std::string(place.name)});
    } else {
      // librdkafka knows only these two words for a boolean.
      const bool boolean = value.kind() == config::Kind::kBoolean;
      settings.values_.emplace_back(name, boolean ? (value.boolean() ? "true" : "false") : value.text());
    }
  }
  return settings;
}

Settings Settings::plain(std::string bootstrap_servers, std::string application) {
  Settings settings;
  settings.application_ = std::move(application);
  settings.bootstrap_servers_ = std::move(bootstrap_servers);
  return settings;
}

Settings Settings::called(const std::string& client_id) const {
  Settings settings = *this;
  std::erase_if(settings.values_, [](const auto& value) { return value.first == "client.id"; });
  settings.values_.emplace_back("client.id", client_id);
  return settings;
}

const SecretReference* Settings::secret(std::string_view setting) const {
  const auto found =
      std::ranges::find_if(secrets_, [&](const SecretReference& secret) { return secret.setting == setting; });
  return found == secrets_.end() ? nullptr : &*found;
}

std::string_view Settings::value(std::string_view setting) const {
  const auto found = std::ranges::find_if(values_, [&](const auto& value) { return value.first == setting; });
  return found == values_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace nudge::connectors::kafka
