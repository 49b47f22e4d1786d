#include <fmt/core.h>

#include <algorithm>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/consumer.h"
#include "connectors/webhook/target_source.h"

namespace nudge::connectors::webhook {
namespace {

using kafka::Consumer;
using kafka::TopicPartition;

constexpr std::size_t kBytesAtOnce = 1 << 20, kBufferBytes = 16 << 20;

class KafkaSource final : public TargetSource {
 public:
  explicit KafkaSource(std::unique_ptr<Consumer> consumer) : consumer_(std::move(consumer)) {}

  // `end`: nothing where it follows.
  Status add(const TopicPartition& place, std::int64_t from, std::optional<std::int64_t> end) {
    partitions_.push_back({place, end && from >= *end});
    if (partitions_.back().ended) return Status::ok();
    return consumer_->assign({{place, from, end}});
  }

  Status read(std::vector<SourceRecord>& records, std::size_t records_max) override {
    for (std::size_t i = 0; i < partitions_.size() && records.size() < records_max; ++i) {
      Partition& partition = partitions_[turn_++ % partitions_.size()];
      if (partition.ended) continue;
      NUDGE_ASSIGN(const Consumer::Read read, consumer_->read(partition.place, batch_, records_max - records.size(),
                                                              kBytesAtOnce, kafka::Milliseconds(0)));
      if (read == Consumer::Read::kEnd) partition.ended = true;
      if (read == Consumer::Read::kRecords) take(partition.place.partition, records);
    }
    return Status::ok();
  }

  bool at_end() const override {
    return std::ranges::all_of(partitions_, [](const Partition& partition) { return partition.ended; });
  }
  std::string trace_of(int /*partition*/, const Position& /*position*/) const override { return {}; }

 private:
  struct Partition {
    TopicPartition place;
    bool ended = false;
  };

  void take(int partition, std::vector<SourceRecord>& records) const {
    for (const RawBatch::Line& line : batch_.lines) {
      if (line.tombstone) continue;
      records.push_back({partition, {line.offset, 0}, {line.offset + 1, 0}, std::string(batch_.raw(line))});
    }
  }

  std::vector<Partition> partitions_;
  std::size_t turn_ = 0;
  RawBatch batch_;
  const std::unique_ptr<Consumer> consumer_;
};

}  // namespace

Result<std::unique_ptr<TargetSource>> open_target_topic(const kafka::Settings& settings, const std::string& topic,
                                                        const SourceOptions& options) {
  NUDGE_ASSIGN(const auto admin, kafka::Admin::make(settings));
  NUDGE_TRY(admin->reach());
  NUDGE_ASSIGN(const std::optional<int> partitions, admin->partitions(topic));
  if (!partitions)
    return Status::config("there is no topic " + topic +
                          "; make it with `nudge topics create`, or correct topics.targets");
  NUDGE_ASSIGN(auto consumer, Consumer::make(settings, {.buffer_bytes_max = kBufferBytes}));
  auto source = std::make_unique<KafkaSource>(std::move(consumer));
  for (int partition = 0; partition < *partitions; ++partition) {
    const TopicPartition place{topic, partition};
    NUDGE_ASSIGN(const kafka::Watermarks marks, admin->watermarks(place));
    const auto from = options.from.find(partition);
    const std::int64_t begin =
        from == options.from.end() ? marks.begin : static_cast<std::int64_t>(from->second.offset);
    if (begin < marks.begin)
      return Status::bad_data(
          fmt::format("{} partition {}: the records from offset {} on are no longer there; what was "
                      "not delivered of them is lost: lengthen the topic's retention",
                      topic, partition, begin));
    NUDGE_TRY(source->add(place, begin, options.follow ? std::nullopt : std::optional(marks.end)));
  }
  return std::unique_ptr<TargetSource>(std::move(source));
}

}  // namespace nudge::connectors::webhook
