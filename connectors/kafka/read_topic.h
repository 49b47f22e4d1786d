// All that is committed in a topic now, partition after partition, in order.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/kafka/settings.h"
#include "engine/status.h"

namespace nudge::connectors::kafka {

struct TopicRecord {
  int partition = 0;
  std::uint64_t offset = 0;
  std::string_view key;
  std::optional<std::string_view> value;  // nothing: a tombstone
};

// Nothing is visited where there is no such topic. The first failure of `visit` ends it. kUnavailable where the broker
// stops answering.
Status read_topic(const Settings& settings, const std::string& topic,
                  const std::function<Status(const TopicRecord&)>& visit);

}  // namespace nudge::connectors::kafka
