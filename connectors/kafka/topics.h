// Every topic that a configuration needs on the brokers, and how each must be.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/application.h"
#include "connectors/kafka/admin.h"

namespace nudge::connectors::kafka {

// Names of the engine's own topics: `<name>.<what>`.
std::string members_topic(const std::string& application);
std::string assignment_topic(const std::string& application);
std::string changelog_topic(const std::string& application);  // a partition for each task, and one for what they share
std::string journal_topic(const std::string& application);
std::string exchange_topic(const std::string& application);  // as the changelog

// The input topics where the input is Kafka, the output topics of what runs where an output is, and the engine's own
// ones. Nothing where neither is.
std::vector<TopicSettings> topics_of(const config::Application& application);

struct TopicFinding {
  TopicSettings wanted;
  bool exists = false;
  std::vector<std::string> problems;  // what is wrong and what would be right; of an existing topic
};

// Compares what is wanted with what the brokers have. Other numbers of partitions are a problem where the engine relies
// on them (its own topics); of inputs and outputs any number will do.
Result<std::vector<TopicFinding>> look_at(const Admin& admin, const std::vector<TopicSettings>& wanted,
                                          const std::string& application);

}  // namespace nudge::connectors::kafka
