// `nudge deliver`: every webhook of a configuration, each with a source, a position and limits of its own.
#pragma once

#include <functional>
#include <string>

#include "config/value.h"
#include "engine/status.h"

namespace nudge::connectors::webhook {

struct DeliveryOptions {
  std::string input;  // the folder that holds targets.jsonl; empty: the first output of the configuration
  std::string only;   // the name of a webhook; empty: all
  bool follow = false;
  std::string bind;             // where /livez and /metrics are served; empty: nowhere
  std::function<bool()> stops;  // asked often; true: end what is under way, commit, and return
};

// `root` is a checked configuration. Returns when everything that was there is settled, or when it is told to stop;
// with a failure where one webhook cannot go on, after the others have committed.
Status deliver(const config::Value& root, const DeliveryOptions& options);

}  // namespace nudge::connectors::webhook
