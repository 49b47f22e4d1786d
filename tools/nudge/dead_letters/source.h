// Where dead letters are read from: a folder of output files, or the topic on Kafka. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "config/value.h"
#include "engine/status.h"
#include "tools/nudge/dead_letters/dead_letter.h"

namespace nudge::dead_letters {

class Source {
 public:
  // False ends the walk.
  using Visit = std::function<bool(DeadLetter&& letter)>;

  virtual ~Source() = default;
  // Every dead letter that was there when the source was opened, in the order of each partition. May be called again.
  // What is no dead letter is skipped, and counted in a warning.
  virtual Status walk(const Visit& visit) = 0;
};

// FOLDER/dead_letters.jsonl; kInputOutput where there is none.
Result<std::unique_ptr<Source>> open_folder(const std::string& folder);
// The topic of a checked configuration. kUnavailable where no broker answers.
Result<std::unique_ptr<Source>> open_kafka(const config::Value& root);
// The first output of a checked configuration.
Result<std::unique_ptr<Source>> open_configured(const config::Value& root);

}  // namespace nudge::dead_letters
