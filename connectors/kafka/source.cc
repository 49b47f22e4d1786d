#include "connectors/kafka/source.h"

#include <fmt/core.h>

#include <algorithm>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/bounded_read.h"
#include "connectors/kafka/consumer.h"
#include "engine/decode.h"
#include "engine/json_writer.h"

namespace nudge::connectors::kafka {
namespace {

// What is fetched ahead takes this part of the memory budget.
constexpr std::int64_t kBufferShare = 10;
// A position that stands behind a record, unlike the beginning.
constexpr std::uint64_t kBehindRecord = 1;

struct Range {
  TopicPartition place;
  std::int64_t begin = 0, end = 0;
  bool endless = false;  // then `end` means nothing
};

class Reader final : public PartitionReader {
 public:
  // `bounded` reads to the range's end; without it whatever comes is read, and `place` is assigned already.
  Reader(Consumer& consumer, std::unique_ptr<BoundedRead> bounded, Topic topic, const Range& range, std::int64_t next)
      : consumer_(consumer), bounded_(std::move(bounded)), topic_(topic), range_(range), next_(next) {}
  ~Reader() override {
    if (!bounded_) (void)consumer_.unassign({range_.place});
  }

  Status read(RawBatch& batch, std::size_t records_max, std::size_t bytes_max) override {
    if (bounded_)
      NUDGE_TRY(bounded_->read(batch, records_max, bytes_max));
    else
      NUDGE_TRY(consumer_.read(range_.place, batch, records_max, bytes_max, Milliseconds(0)).status());
    if (!batch.lines.empty()) next_ = static_cast<std::int64_t>(batch.lines.back().offset) + 1;
    for (RawBatch::Line& line : batch.lines) {
      line.place_after = kBehindRecord;
      if (line.tombstone && line.has_key && topic_ == Topic::kCustomers) write_erasure(batch, line);
    }
    batch.bytes.append(kInputPadding, '\0');
    return Status::ok();
  }

  bool behind() const override { return !bounded_ && consumer_.behind(range_.place); }
  std::uint64_t bytes_read() const override { return static_cast<std::uint64_t>(next_ - range_.begin); }

 private:
  // A key that is no UTF-8 makes a bad record, as it should.
  void write_erasure(RawBatch& batch, RawBatch::Line& line) const {
    const std::string key(batch.key(line));
    line.begin = line.json_begin = static_cast<std::uint32_t>(batch.bytes.size());
    JsonWriter json(batch.bytes);
    json.begin_object();
    json.member("event_id", fmt::format("{}/{}", range_.place.partition, line.offset));
    json.member("source", "kafka tombstone");
    json.member("event_time", std::max<Millis>(line.timestamp, 0));
    json.member("customer_id", std::string_view(key));
    json.member("tombstone", true);
    json.end_object();
    line.size = line.json_size = static_cast<std::uint32_t>(batch.bytes.size()) - line.begin;
  }

  Consumer& consumer_;
  const std::unique_ptr<BoundedRead> bounded_;
  const Topic topic_;
  const Range range_;
  std::int64_t next_;
};

class KafkaSource final : public LiveSource {
 public:
  static Result<std::unique_ptr<LiveSource>> open(const config::Value& root, const SourceOptions& options) {
    NUDGE_ASSIGN(const Settings settings, Settings::of(root));
    std::unique_ptr<KafkaSource> source(new KafkaSource);
    source->stalled_after_ = options.stalled_after;
    source->endless_ = options.endless;
    NUDGE_ASSIGN(source->admin_, Admin::make(settings, options.answer_timeout));
    NUDGE_TRY(source->admin_->reach());
    NUDGE_TRY(source->list(root.at("topics"), settings));
    if (options.from) NUDGE_TRY(source->begin_at(*options.from - root.at("engine").at("future_max").duration()));
    const auto budget = root.at("engine").at("memory_budget").integer();
    NUDGE_ASSIGN(source->consumer_,
                 Consumer::make(settings, {.buffer_bytes_max = static_cast<std::size_t>(budget / kBufferShare)}));
    return std::unique_ptr<LiveSource>(std::move(source));
  }

  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  const std::vector<std::string>& warnings() const override { return warnings_; }
  bool endless() const override { return endless_; }
  bool wait_for_more(Milliseconds timeout) const override { return consumer_->wait_for_more(timeout); }
  std::vector<std::optional<std::int64_t>> known_ends() const override {
    std::vector<std::optional<std::int64_t>> ends;
    for (const Range& range : ranges_) {
      const std::optional<Watermarks> marks = consumer_->known_watermarks(range.place);
      ends.push_back(marks ? std::optional(marks->end) : std::nullopt);
    }
    return ends;
  }
  std::vector<TopicPartition> places() const override {
    std::vector<TopicPartition> places;
    for (const Range& range : ranges_) places.push_back(range.place);
    return places;
  }

  Result<std::unique_ptr<PartitionReader>> open(const PartitionInfo& partition, Position from) const override {
    const auto found = std::ranges::find_if(partitions_, [&](const PartitionInfo& known) {
      return known.topic == partition.topic && known.partition == partition.partition;
    });
    if (found == partitions_.end()) return Status::io(partition.name + ": is not there; check the topic's partitions");
    const Range& range = ranges_[static_cast<std::size_t>(found - partitions_.begin())];
    const auto offset = static_cast<std::int64_t>(from.offset);
    const bool goes_on = from.place == kBehindRecord;
    if (goes_on && offset < range.begin)
      return Status::io(fmt::format(
          "{}: the broker no longer has offset {}, its first one is {}; remove engine.state_dir to replay what is "
          "there from the beginning",
          partition.name, offset, range.begin));
    const std::int64_t first = goes_on ? offset : range.begin;
    std::unique_ptr<BoundedRead> bounded;
    if (range.endless) {
      NUDGE_TRY(consumer_->assign({{range.place, first, std::nullopt}}));
    } else {
      NUDGE_ASSIGN(bounded, BoundedRead::start(*consumer_, *admin_, range.place, first, range.end, stalled_after_));
    }
    return std::unique_ptr<PartitionReader>(
        std::make_unique<Reader>(*consumer_, std::move(bounded), partition.topic, range, first));
  }

 private:
  Status list(const config::Value& names, const Settings& settings) {
    for (std::size_t i = 0; i < kTopicCount; ++i) {
      const std::string& name = names.at(kTopicNames[i]).text();
      NUDGE_ASSIGN(const std::optional<int> count, admin_->partitions(name));
      if (!count) {
        warnings_.push_back(fmt::format("topics.{}: the brokers have no topic {}", kTopicNames[i], name));
        continue;
      }
      for (int partition = 0; partition < *count; ++partition) {
        const TopicPartition place{name, partition};
        NUDGE_ASSIGN(const Watermarks marks, admin_->watermarks(place));
        ranges_.push_back({place, marks.begin, marks.end, endless_});
        partitions_.push_back(
            {static_cast<Topic>(i), static_cast<std::uint32_t>(partition), fmt::format("kafka:{}/{}", name, partition),
             static_cast<std::uint64_t>(marks.end - marks.begin),
             fmt::format("kafka {} {}/{} {}", settings.bootstrap_servers(), name, partition, marks.end)});
      }
    }
    if (partitions_.empty())
      return Status::io(
          fmt::format("kafka {}: none of the input topics exists; make them with `nudge topics create`, "
                      "or name the right ones under `topics`",
                      settings.bootstrap_servers()));
    return Status::ok();
  }

  Status begin_at(Millis time) {
    std::vector<TopicPartition> places;
    for (const Range& range : ranges_) places.push_back(range.place);
    NUDGE_ASSIGN(const auto offsets, admin_->offsets_at(places, std::max<Millis>(time, 0)));
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      // What is newer than the captured end is not wanted either.
      ranges_[i].begin = std::clamp(offsets[i].value_or(ranges_[i].end), ranges_[i].begin, ranges_[i].end);
      partitions_[i].bytes = static_cast<std::uint64_t>(ranges_[i].end - ranges_[i].begin);
    }
    return Status::ok();
  }

  Milliseconds stalled_after_{};
  bool endless_ = false;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<Consumer> consumer_;
  std::vector<PartitionInfo> partitions_;
  std::vector<Range> ranges_;  // of the partitions, in the same order
  std::vector<std::string> warnings_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_kafka_source(const config::Value& root, const SourceOptions& options) {
  NUDGE_ASSIGN(std::unique_ptr<Source> source, KafkaSource::open(root, options));
  return source;
}

Result<std::unique_ptr<LiveSource>> open_live_source(const config::Value& root) {
  SourceOptions options;
  options.endless = true;
  return KafkaSource::open(root, options);
}

}  // namespace nudge::connectors::kafka
