#include <fmt/core.h>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/consumer.h"
#include "engine/log.h"
#include "engine/output.h"
#include "tools/nudge/dead_letters/source.h"

namespace nudge::dead_letters {
namespace {

namespace kafka = connectors::kafka;

constexpr std::size_t kBatchRecords = 1024, kBatchBytes = 1 << 20;
constexpr kafka::Milliseconds kWait(1'000), kStalledAfter(30'000);

class KafkaSource final : public Source {
 public:
  static Result<std::unique_ptr<Source>> open(const config::Value& root) {
    NUDGE_ASSIGN(const kafka::Settings settings, kafka::Settings::of(root));
    std::unique_ptr<KafkaSource> source(new KafkaSource);
    NUDGE_ASSIGN(source->admin_, kafka::Admin::make(settings));
    NUDGE_TRY(source->admin_->reach());
    const std::string& name = root.at("topics").at(output::kNames[output::kDeadLetters]).text();
    NUDGE_ASSIGN(const std::optional<int> partitions, source->admin_->partitions(name));
    if (!partitions)
      return Status::config(
          fmt::format("topics.dead_letters: the brokers have no topic {}; make it with `nudge topics "
                      "create`, or name the right one",
                      name));
    for (int partition = 0; partition < *partitions; ++partition) {
      const kafka::TopicPartition place{name, partition};
      NUDGE_ASSIGN(const kafka::Watermarks marks, source->admin_->watermarks(place));
      if (marks.begin < marks.end) source->ranges_.push_back({place, marks.begin, marks.end});
    }
    NUDGE_ASSIGN(source->consumer_, kafka::Consumer::make(settings, {}));
    return std::unique_ptr<Source>(std::move(source));
  }

  Status walk(const Visit& visit) override {
    std::uint64_t skipped = 0;
    for (const kafka::PartitionStart& range : ranges_) {
      NUDGE_TRY(consumer_->assign({range}));
      const Result<bool> wanted = walk(range.partition, visit, skipped);
      NUDGE_TRY(consumer_->unassign({range.partition}));
      if (!wanted) return wanted.status();
      if (!*wanted) break;
    }
    if (skipped > 0)
      log::warn("what is no dead letter was skipped topic={} records={}", ranges_[0].partition.topic, skipped);
    return Status::ok();
  }

 private:
  KafkaSource() = default;

  // False where the visitor wants no more.
  Result<bool> walk(const kafka::TopicPartition& partition, const Visit& visit, std::uint64_t& skipped) {
    connectors::RawBatch batch;
    for (kafka::Milliseconds waited(0);;) {
      NUDGE_ASSIGN(const auto read, consumer_->read(partition, batch, kBatchRecords, kBatchBytes, kWait));
      if (read == kafka::Consumer::Read::kEnd) return true;
      waited = read == kafka::Consumer::Read::kNothingYet ? waited + kWait : kafka::Milliseconds(0);
      if (waited >= kStalledAfter) {
        NUDGE_TRY(admin_->reach());
        waited = kafka::Milliseconds(0);
      }
      if (read == kafka::Consumer::Read::kNothingYet) continue;
      for (const connectors::RawBatch::Line& line : batch.lines) {
        auto letter = parse_dead_letter(batch.raw(line));
        if (!letter) ++skipped;
        if (letter && !visit(std::move(*letter))) return false;
      }
    }
  }

  std::unique_ptr<kafka::Admin> admin_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::vector<kafka::PartitionStart> ranges_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_kafka(const config::Value& root) { return KafkaSource::open(root); }

}  // namespace nudge::dead_letters
