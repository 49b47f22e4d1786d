#include "connectors/kafka/log_topic.h"

#include <algorithm>

namespace nudge::connectors::kafka {
namespace {

// What one partition gives in a poll, so that the others wait no longer.
constexpr std::size_t kRecordsAtOnce = 10'000, kBytesAtOnce = 1 << 20;
constexpr std::size_t kBatchBytes = 1 << 20;

}  // namespace

Result<std::unique_ptr<LogWriter>> LogWriter::make(const Settings& settings, const LogWriterOptions& options) {
  NUDGE_ASSIGN(auto producer, Producer::make(settings, {.transactional_id = {},
                                                        .linger = options.linger,
                                                        .queue_bytes_max = options.queue_bytes_max,
                                                        .batch_bytes_max = kBatchBytes,
                                                        .record_bytes_max = options.record_bytes_max}));
  return std::unique_ptr<LogWriter>(new LogWriter(std::move(producer), options.append_timeout));
}

Status LogWriter::append(std::string_view topic, int partition, std::string_view key, std::string_view value) {
  const std::lock_guard lock(mutex_);
  NUDGE_TRY(status_);
  const Outcome sent =
      producer_->send(producer_->topic(topic), {.key = key, .value = value, .partition = partition}, append_timeout_);
  // Without this record later ones would stand in its place.
  status_ = sent.anew();
  return status_;
}

Status LogWriter::poll() {
  const std::lock_guard lock(mutex_);
  NUDGE_TRY(status_);
  producer_->poll();
  status_ = producer_->deliveries().anew();
  return status_;
}

Status LogWriter::flush(Milliseconds timeout) {
  const std::lock_guard lock(mutex_);
  NUDGE_TRY(status_);
  const Outcome flushed = producer_->flush(timeout);
  if (flushed.verdict() != Verdict::kRetriable) status_ = flushed.anew();
  return flushed.anew();
}

Result<std::unique_ptr<LogReader>> LogReader::make(const Settings& settings, const LogReaderOptions& options) {
  NUDGE_ASSIGN(auto consumer, Consumer::make(settings, {.buffer_bytes_max = options.buffer_bytes_max,
                                                        .committed_only = options.committed_only}));
  return std::unique_ptr<LogReader>(new LogReader(std::move(consumer)));
}

Status LogReader::assign(std::vector<PartitionStart> partitions) {
  for (const PartitionStart& start : partitions) places_.push_back(start.partition);
  return consumer_->assign(std::move(partitions));
}

Status LogReader::unassign(std::vector<TopicPartition> partitions) {
  std::erase_if(places_, [&](const TopicPartition& place) { return std::ranges::count(partitions, place) > 0; });
  return consumer_->unassign(std::move(partitions));
}

Status LogReader::next(const TopicPartition& place) {
  const auto read = consumer_->read(place, batch_, kRecordsAtOnce, kBytesAtOnce, Milliseconds(0));
  return read ? Status::ok() : read.status();
}

}  // namespace nudge::connectors::kafka
