#include "tools/nudge/generate/kafka_sink.h"

#include <fmt/core.h>

#include <algorithm>
#include <thread>

namespace nudge::generate {
namespace {

namespace kafka = connectors::kafka;
using Clock = std::chrono::steady_clock;

constexpr kafka::Milliseconds kFlushWait(60'000);
constexpr double kTick = 0.005;  // seconds between two looks at the clock

}  // namespace

Result<std::unique_ptr<KafkaSink>> KafkaSink::open(const config::Value& root, double rate) {
  NUDGE_ASSIGN(const auto settings, kafka::Settings::of(root));
  NUDGE_ASSIGN(const auto admin, kafka::Admin::make(settings));
  NUDGE_TRY(admin->reach());
  std::unique_ptr<KafkaSink> sink(new KafkaSink(rate));
  NUDGE_ASSIGN(sink->producer_, kafka::Producer::make(settings, {}));
  for (const std::string_view topic : kTopicNames) {
    const std::string& name = root.at("topics").at(topic).text();
    NUDGE_ASSIGN(const std::optional<int> partitions, admin->partitions(name));
    if (!partitions)
      return Status::config(fmt::format(
          "topics.{}: the brokers have no topic {}; make it with `nudge topics create`, or name the right one", topic,
          name));
    sink->topics_.push_back(sink->producer_->topic(name));
  }
  return sink;
}

Status KafkaSink::append(Topic topic, std::string_view key, std::string_view line) {
  if (records_ == 0) begin_ = Clock::now();
  if (rate_ > 0) keep_pace();
  ++records_;
  return producer_->send(topics_[static_cast<std::size_t>(topic)], {.key = key, .value = line}).status();
}

void KafkaSink::keep_pace() {
  const auto batch = static_cast<std::uint64_t>(std::max(1.0, rate_ * kTick));
  if (records_ % batch != 0) return;
  producer_->poll();
  std::this_thread::sleep_until(begin_ + std::chrono::duration_cast<Clock::duration>(
                                             std::chrono::duration<double>(static_cast<double>(records_) / rate_)));
}

Status KafkaSink::finish() { return producer_->flush(kFlushWait).status(); }

double KafkaSink::records_per_second() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
  return records_ == 0 || seconds <= 0 ? 0 : static_cast<double>(records_) / seconds;
}

}  // namespace nudge::generate
