#include "connectors/kafka/read_topic.h"

#include "connectors/kafka/admin.h"
#include "connectors/kafka/bounded_read.h"
#include "connectors/kafka/consumer.h"

namespace nudge::connectors::kafka {
namespace {

constexpr std::size_t kRecordsAtOnce = 16'384, kBytesAtOnce = 4 << 20;
constexpr Milliseconds kStalledAfter(30'000);

Status read_partition(Consumer& consumer, const Admin& admin, const TopicPartition& place, const Watermarks& marks,
                      const std::function<Status(const TopicRecord&)>& visit) {
  NUDGE_ASSIGN(const auto from, BoundedRead::start(consumer, admin, place, marks.begin, marks.end, kStalledAfter));
  for (RawBatch records;;) {
    NUDGE_TRY(from->read(records, kRecordsAtOnce, kBytesAtOnce));
    if (records.lines.empty()) return Status::ok();
    for (const RawBatch::Line& line : records.lines) {
      TopicRecord record{place.partition, line.offset, records.key(line), std::nullopt};
      if (!line.tombstone) record.value = records.raw(line);
      NUDGE_TRY(visit(record));
    }
  }
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
    if (marks.begin < marks.end) NUDGE_TRY(read_partition(*consumer, *admin, place, marks, visit));
  }
  return Status::ok();
}

}  // namespace nudge::connectors::kafka
