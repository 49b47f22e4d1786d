// The way of dead letters back into the input: new files in its folder, or its topics on Kafka. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/value.h"
#include "engine/status.h"
#include "engine/topic.h"

namespace nudge::dead_letters {

class Input {
 public:
  virtual ~Input() = default;
  // `key` is the record's Kafka key; empty: unknown. In a file a line feed becomes a blank, which means the same in
  // JSON.
  virtual Status append(Topic topic, std::string_view key, std::string_view record) = 0;
  // Everything has reached its place. Files are to be seen only now, each whole; Kafka's records already before.
  virtual Status finish() = 0;
};

// Into `<topic>_reinjected-0001.jsonl`, or the next number that is free: a partition of its own behind those that are
// there, so that these keep their numbers.
Result<std::unique_ptr<Input>> open_input_folder(const std::string& folder);
// Into the topics of a checked configuration, at least once, by key.
Result<std::unique_ptr<Input>> open_kafka_input(const config::Value& root);
// Where a checked configuration reads its input.
Result<std::unique_ptr<Input>> open_configured_input(const config::Value& root);

}  // namespace nudge::dead_letters
