// Where the planted shop's records go, in the order of their arrival. One thread.
#pragma once

#include <string_view>

#include "engine/status.h"
#include "engine/topic.h"

namespace nudge::generate {

class ArrivalSink {
 public:
  virtual ~ArrivalSink() = default;
  // `key` is the record's Kafka key; its partition follows from it. After a failure nothing more is appended.
  virtual Status append(Topic topic, std::string_view key, std::string_view line) = 0;
  // Everything has reached its place.
  virtual Status finish() = 0;
};

}  // namespace nudge::generate
