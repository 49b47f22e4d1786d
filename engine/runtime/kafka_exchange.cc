#include "engine/runtime/kafka_exchange.h"

#include <utility>

#include "connectors/kafka/topics.h"

namespace nudge::runtime {

namespace kafka = connectors::kafka;

namespace {

constexpr std::chrono::milliseconds kTimeout(30'000);
constexpr std::size_t kBufferBytes = 16 << 20;

}  // namespace

Result<std::unique_ptr<KafkaExchangeLog>> KafkaExchangeLog::make(const kafka::Settings& settings) {
  std::unique_ptr<KafkaExchangeLog> log(new KafkaExchangeLog(kafka::exchange_topic(settings.application())));
  NUDGE_ASSIGN(log->writer_, kafka::LogWriter::make(settings, {.record_bytes_max = 1'000'000}));
  NUDGE_ASSIGN(log->reader_, kafka::LogReader::make(settings, {.buffer_bytes_max = kBufferBytes}));
  return log;
}

Status KafkaExchangeLog::append(std::uint32_t partition, std::string_view record) {
  appended_ = true;
  return writer_->append(topic_, static_cast<int>(partition), "", record);
}

Status KafkaExchangeLog::flush() {
  if (!appended_) return writer_->poll();
  appended_ = false;
  return writer_->flush(kTimeout);
}

Status KafkaExchangeLog::follow(std::uint32_t partition, std::uint64_t offset) {
  to_follow_.push_back({{topic_, static_cast<int>(partition)}, static_cast<std::int64_t>(offset), {}});
  return Status::ok();
}

Result<bool> KafkaExchangeLog::poll(std::chrono::milliseconds timeout, const Take& take) {
  NUDGE_TRY(writer_->poll());
  if (!to_follow_.empty()) NUDGE_TRY(reader_->assign(std::exchange(to_follow_, {})));
  Status status;
  NUDGE_ASSIGN(const std::size_t count, reader_->poll(timeout, [&](const kafka::LogRecord& record) {
    if (status)
      status = take(static_cast<std::uint32_t>(record.place.partition), static_cast<std::uint64_t>(record.offset),
                    record.value.value_or(""));
  }));
  NUDGE_TRY(status);
  return count > 0;
}

}  // namespace nudge::runtime
