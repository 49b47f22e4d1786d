#include "connectors/kafka/topics.h"

#include <fmt/core.h>

#include <algorithm>

#include "engine/output.h"
#include "engine/topic.h"
#include "engine/written_topics.h"

namespace nudge::connectors::kafka {
namespace {

using Config = std::map<std::string, std::string>;

// Compacted topics hold the latest record of every key; the contract names them.
bool is_compacted(Topic topic) { return topic == Topic::kProducts || topic == Topic::kCustomers; }
bool is_compacted(OutputTopic topic) { return topic == output::kTargetsState || topic == output::kModels; }

Config cleanup(bool compacted) { return compacted ? Config{{"cleanup.policy", "compact"}} : Config(); }

bool uses_kafka(const config::Value& connected) { return connected.at("connector").text() == "kafka"; }

}  // namespace

std::string members_topic(const std::string& application) { return application + ".members"; }
std::string assignment_topic(const std::string& application) { return application + ".assignment"; }
std::string changelog_topic(const std::string& application) { return application + ".changelog"; }
std::string journal_topic(const std::string& application) { return application + ".journal"; }
std::string exchange_topic(const std::string& application) { return application + ".exchange"; }

std::vector<TopicSettings> topics_of(const config::Application& application) {
  const config::Value& root = application.root;
  const auto name_of_topic = [&](std::string_view topic) { return root.at("topics").at(topic).text(); };
  const int partitions = static_cast<int>(root.at("engine").at("partitions").integer());
  std::vector<TopicSettings> topics;
  if (uses_kafka(root.at("input")))
    for (std::size_t i = 0; i < kTopicCount; ++i)
      topics.push_back({name_of_topic(kTopicNames[i]), partitions, -1, cleanup(is_compacted(static_cast<Topic>(i)))});
  const auto& outputs = root.at("output").items();
  if (std::ranges::any_of(outputs, uses_kafka)) {
    for (const OutputTopic topic : written_topics(application.operators))
      topics.push_back({name_of_topic(output::kNames[topic]), partitions, -1, cleanup(is_compacted(topic))});
  }
  if (topics.empty()) return topics;
  const std::string& name = root.at("name").text();
  topics.push_back({members_topic(name), 1, -1, {}});
  topics.push_back({assignment_topic(name), 1, -1, cleanup(true)});
  topics.push_back({changelog_topic(name), partitions + 1, -1, cleanup(true)});
  topics.push_back({journal_topic(name), 1, -1, {{"retention.ms", "-1"}}});
  // What its receivers have committed is removed by them; the rest they need, however long they were away.
  topics.push_back({exchange_topic(name), partitions + 1, -1, {{"retention.ms", "-1"}}});
  return topics;
}

Result<std::vector<TopicFinding>> look_at(const Admin& admin, const std::vector<TopicSettings>& wanted,
                                          const std::string& application) {
  std::vector<TopicFinding> findings;
  for (const TopicSettings& topic : wanted) {
    TopicFinding& finding = findings.emplace_back();
    finding.wanted = topic;
    NUDGE_ASSIGN(const std::optional<TopicSettings> found, admin.describe(topic.name));
    finding.exists = found.has_value();
    if (!found) continue;
    const bool own = topic.name == members_topic(application) || topic.name == assignment_topic(application) ||
                     topic.name == changelog_topic(application) || topic.name == journal_topic(application) ||
                     topic.name == exchange_topic(application);
    if (own && found->partitions != topic.partitions)
      finding.problems.push_back(fmt::format("has {} partitions; it needs {}: remove it and let it be created anew",
                                             found->partitions, topic.partitions));
    for (const auto& [name, value] : topic.config) {
      const auto set = found->config.find(name);
      if (set == found->config.end() || set->second.find(value) == std::string::npos)
        finding.problems.push_back(
            fmt::format("has {} {}; set it to {}", name, set == found->config.end() ? "unset" : set->second, value));
    }
  }
  return findings;
}

}  // namespace nudge::connectors::kafka
