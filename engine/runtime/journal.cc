#include "engine/runtime/journal.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "connectors/kafka/read_topic.h"
#include "connectors/kafka/topics.h"

namespace nudge::runtime {

namespace kafka = connectors::kafka;

std::string commit_note(std::uint64_t round, const std::string& counters) {
  return fmt::format(R"({{"committed":{},"counters":{}}})", round, counters);
}

Result<std::vector<Cut>> read_cuts(const kafka::Settings& settings,
                                   const std::vector<connectors::PartitionInfo>& partitions) {
  const std::string topic = kafka::journal_topic(settings.application());
  std::vector<Cut> cuts;
  NUDGE_TRY(kafka::read_topic(settings, topic, [&](const kafka::TopicRecord& record) {
    const std::string_view text = record.value.value_or("");
    if (text.starts_with(R"({"committed")")) return Status::ok();
    Result<Cut> cut = decode_cut(text, partitions);
    if (!cut) return Status::io(fmt::format("{}/0: record {} {}", topic, record.offset, cut.status().message()));
    if (cut->round != cuts.size() + 1)
      return Status::io(
          fmt::format("{}/0: record {} is round {}, and {} was expected: the journal's beginning is gone; replay in "
                      "the ideal order "
                      "(--ideal-order), or restore the topic",
                      topic, record.offset, cut->round, cuts.size() + 1));
    cuts.push_back(std::move(*cut));
    return Status::ok();
  }));
  return cuts;
}

Result<std::string> read_counters(const kafka::Settings& settings) {
  std::string last;
  NUDGE_TRY(kafka::read_topic(settings, kafka::journal_topic(settings.application()), [&](const auto& record) {
    if (record.value && record.value->starts_with(R"({"committed")")) last = *record.value;
    return Status::ok();
  }));
  return last.empty() ? last : nlohmann::ordered_json::parse(last).at("counters").dump();
}

}  // namespace nudge::runtime
