#include "connectors/kafka/read_topic.h"

#include <fmt/format.h>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/consumer.h"

namespace nudge::connectors::kafka {
namespace {

constexpr std::size_t kRecordsAtOnce = 16'384, kBytesAtOnce = 4 << 20;
constexpr Milliseconds kWait(1'000);
constexpr int kWaitsMost = 60;

Status read_partition(Consumer& consumer, const TopicPartition& place, const Watermarks& marks,
                      const std::function<Status(const TopicRecord&)>& visit) {
  NUDGE_TRY(consumer.assign({{place, marks.begin, marks.end}}));
  RawBatch records;
  for (int waits = 0; waits < kWaitsMost;) {
    NUDGE_ASSIGN(const Consumer::Read read, consumer.read(place, records, kRecordsAtOnce, kBytesAtOnce, kWait));
    if (read == Consumer::Read::kEnd) return consumer.unassign({place});
    waits = read == Consumer::Read::kNothingYet ? waits + 1 : 0;
    for (const RawBatch::Line& line : records.lines) {
      TopicRecord record{place.partition, line.offset, records.key(line), std::nullopt};
      if (!line.tombstone) record.value = records.raw(line);
      NUDGE_TRY(visit(record));
    }
  }
  return Status::error(ErrorClass::kUnavailable,
                       fmt::format("{}/{}: nothing comes, although the broker has records up to {}; look at the brokers' "
                                   "logs and try again",
                                   place.topic, place.partition, marks.end));
}

}  // namespace

Status read_topic(const Settings& settings, const std::string& topic,
                  const std::function<Status(const TopicRecord&)>& visit) {
  NUDGE_ASSIGN(const auto admin, Admin::make(settings));
  NUDGE_TRY(admin->reach());
  NUDGE_ASSIGN(const std::optional<int> partitions, admin->partitions(topic));
  NUDGE_ASSIGN(const auto consumer, Consumer::make(settings, {}));
  for (int partition = 0; partition < partitions.value_or(0); ++partition) {
    const TopicPartition place{topic, partition};
    NUDGE_ASSIGN(const Watermarks marks, admin->watermarks(place));
    if (marks.begin < marks.end) NUDGE_TRY(read_partition(*consumer, place, marks, visit));
  }
  return Status::ok();
}

}  // namespace nudge::connectors::kafka
