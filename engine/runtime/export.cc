#include "engine/runtime/export.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "connectors/files/sink.h"
#include "connectors/kafka/read_topic.h"
#include "engine/log.h"
#include "engine/runtime/journal.h"
#include "engine/written_topics.h"

namespace nudge {

namespace kafka = connectors::kafka;

Status export_topics(const config::Application& application, const std::string& folder) {
  NUDGE_ASSIGN(const kafka::Settings settings, kafka::Settings::of(application.root));
  const std::set<OutputTopic> topics = written_topics(application.operators);
  NUDGE_ASSIGN(const auto sink, connectors::make_file_sink(folder, names_of(topics)));
  NUDGE_TRY(sink->reset());
  std::uint64_t records = 0;
  for (const OutputTopic topic : topics) {
    const std::string name(output::kNames[topic]);
    const bool only_latest = topic == output::kTargetsState;
    std::map<std::string, std::string, std::less<>> latest;
    NUDGE_TRY(kafka::read_topic(settings, application.root.at("topics").at(name).text(), [&](const auto& record) {
      ++records;
      if (!only_latest) return record.value ? sink->append(name, std::string(*record.value) + "\n") : Status::ok();
      if (record.value)
        latest[std::string(record.key)] = *record.value;
      else
        latest.erase(std::string(record.key));
      return Status::ok();
    }));
    for (const auto& [key, value] : latest) NUDGE_TRY(sink->append(name, value + "\n"));
  }
  NUDGE_TRY(sink->flush().status());
  NUDGE_ASSIGN(const std::string counters, runtime::read_counters(settings));
  const std::filesystem::path path = std::filesystem::path(folder) / "report.json";
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << fmt::format("{{\"engine\":\"nudge\",\"version\":\"{}\",\"counters\":{}}}\n", kEngineVersion,
                      counters.empty() ? "{}" : counters);
  file.close();
  if (!file) return Status::io(path.string() + ": cannot be written; check the rights and the space on the disk");
  log::info("exported records={} output={}", records, folder);
  return Status::ok();
}

}  // namespace nudge
