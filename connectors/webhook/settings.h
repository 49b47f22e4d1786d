// One item of `webhooks`, as its parts need it. Secrets stay references and are read again while it runs, so that a
// rotated one is taken over without a restart.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/value.h"
#include "config/web_address.h"
#include "connectors/webhook/mapping.h"
#include "connectors/webhook/verdict.h"
#include "engine/status.h"

namespace nudge::connectors::webhook {

// A text, or where it is read from.
struct HeaderValue {
  std::string text;
  bool is_secret = false, is_file = false;
};

struct Settings {
  std::string name;
  config::WebAddress address;
  Mapping map = nullptr;
  std::vector<std::pair<std::string, std::string>> lists;  // ours, the receiver's; empty: all
  std::optional<HeaderValue> secret;
  std::vector<std::pair<std::string, HeaderValue>> headers;
  IdentitySettings identity;
  std::string ca_file;  // empty: the system's
  double rate = 10;
  int burst = 10, concurrency = 4;
  Milliseconds timeout{20'000};
  RetryLimits retry;
  int breaker_failures = 5;
  Milliseconds breaker_pause{30'000};
  std::size_t customers_max = 1000, records_max = 10'000;
  std::string state_folder;

  // `root` is a checked configuration, `webhook` one of its items.
  static Settings of(const config::Value& root, const config::Value& webhook);

  // What the receiver calls the list; nothing where it does not get it.
  std::optional<std::string> receivers_list(const std::string& list) const;
};

// What is secret in every request, as it is now.
struct Credentials {
  std::string signing_key;  // empty: nothing is signed
  std::vector<std::pair<std::string, std::string>> headers;

  // kConfig with key and remedy; no message holds a secret.
  static Result<Credentials> read(const Settings& settings);
};

}  // namespace nudge::connectors::webhook
