// How the brokers are reached: what the configuration says under `kafka`, for every client of librdkafka.
//
// Secrets stay references. They are read when a client is made and again while it lives (client.h), so that a
// rotated password or token, written into the same file, is taken over without a restart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/kafka_parameters.h"
#include "config/value.h"
#include "engine/status.h"

namespace nudge::connectors::kafka {

struct SecretReference {
  std::string setting;  // sasl.password
  bool is_file = false;
  std::string name;  // of the file or the environment variable

  // kConfig with key and remedy; the message never holds the secret.
  Result<std::string> read() const;
};

class Settings {
 public:
  // `root` is a checked configuration. kConfig where no brokers are named.
  static Result<Settings> of(const config::Value& root);
  // Brokers and nothing else; for tests.
  static Settings plain(std::string bootstrap_servers, std::string application = "nudge");

  // The same for a client of this name (client.id), whatever the configuration calls it.
  Settings called(const std::string& client_id) const;

  const std::string& application() const { return application_; }
  const std::string& bootstrap_servers() const { return bootstrap_servers_; }
  // Names and values for librdkafka, in the order of the file, secrets left out.
  const std::vector<std::pair<std::string, std::string>>& values() const { return values_; }
  const SecretReference* secret(std::string_view setting) const;
  const std::vector<SecretReference>& secrets() const { return secrets_; }
  std::string_view value(std::string_view setting) const;  // empty: not given

 private:
  std::string application_, bootstrap_servers_;
  std::vector<std::pair<std::string, std::string>> values_;
  std::vector<SecretReference> secrets_;
};

}  // namespace nudge::connectors::kafka
