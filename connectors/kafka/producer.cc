#include "connectors/kafka/producer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace nudge::connectors::kafka {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kKiB = 1 << 10;
constexpr std::size_t kWordsMax = 512;
constexpr int kServeMs = 5;
constexpr Milliseconds kDeliveredBeforeAbort(1000);

int count_of(Milliseconds timeout) { return static_cast<int>(timeout.count()); }

OwnValues own_values(const ProducerOptions& options) {
  OwnValues own = {
      {"enable.idempotence", "true"},
      {"partitioner", "murmur2_random"},
      {"compression.codec", "lz4"},
      {"linger.ms", std::to_string(options.linger.count())},
      {"batch.size", std::to_string(options.batch_bytes_max)},
      {"message.max.bytes", std::to_string(options.record_bytes_max)},
      {"queue.buffering.max.kbytes", std::to_string(std::max<std::size_t>(options.queue_bytes_max / kKiB, 1))},
      {"queue.buffering.max.messages", "1000000"},
      // Only failures are worth a call back: the delivery of all others is what commit and flush wait for.
      {"delivery.report.only.error", "true"},
  };
  if (!options.transactional_id.empty()) {
    own.emplace_back("transactional.id", options.transactional_id);
    own.emplace_back("transaction.timeout.ms", std::to_string(options.transaction_timeout.count()));
  }
  return own;
}

}  // namespace

Result<std::unique_ptr<Producer>> Producer::make(const Settings& settings, const ProducerOptions& options) {
  std::unique_ptr<Producer> producer(new Producer(!options.transactional_id.empty()));
  Callbacks callbacks{.owner = producer.get(), .undelivered = [](void* owner, const rd_kafka_message_t& message) {
                        Undelivered& undelivered = static_cast<Producer*>(owner)->undelivered_;
                        if (undelivered.records++ > 0) return;
                        undelivered.error = message.err;
                        undelivered.topic = rd_kafka_topic_name(message.rkt);
                        undelivered.partition = message.partition;
                      }};
  NUDGE_ASSIGN(producer->client_, Client::make(settings, Client::Kind::kProducer, own_values(options), callbacks));
  return producer;
}

Producer::~Producer() {
  topics_.clear();
  if (!client_) return;
  // What is still queued belongs to no commit or flush: it is dropped, or librdkafka would wait for the brokers.
  rd_kafka_purge(client_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

Producer::Topic Producer::topic(std::string_view name) {
  for (const auto& [known, handle] : topics_)
    if (known == name) return handle.get();
  std::string owned(name);
  TopicHandle handle(rd_kafka_topic_new(client_->get(), owned.c_str(), nullptr));
  NUDGE_CHECK(handle != nullptr, "a topic's name is checked with the configuration");
  return topics_.emplace_back(std::move(owned), std::move(handle)).second.get();
}

Outcome Producer::of_error(std::string_view step, rd_kafka_error_t* error, bool ends) {
  const ErrorHandle owned(error);
  return outcome_of(step, error, ends);
}

// The sequence of what this producer sends has a gap now: librdkafka 2.0.2 aborts, but every later transaction fails.
Outcome Producer::undelivered(std::string_view what) {
  const Undelivered lost = std::exchange(undelivered_, {});
  return Outcome(Verdict::kFatal, lost.error,
                 fmt::format("{}: {} records could not be delivered, the first to {}/{}: {}", what, lost.records,
                             lost.topic, lost.partition, rd_kafka_err2str(lost.error)));
}

Outcome Producer::initialise(Milliseconds timeout) {
  NUDGE_CHECK(transactional_, "only a producer with a transactional id has transactions");
  return of_error("init_transactions", rd_kafka_init_transactions(client_->get(), count_of(timeout)));
}

Outcome Producer::begin() {
  undelivered_ = {};
  return of_error("begin_transaction", rd_kafka_begin_transaction(client_->get()));
}

Outcome Producer::send(Topic topic, const OutgoingRecord& record, Milliseconds timeout) {
  std::optional<Clock::time_point> until;
  for (;;) {
    const rd_kafka_resp_err_t error = enqueue(topic, record);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (!until) until = Clock::now() + timeout;
    const std::string message =
        fmt::format("kafka send to {}: {}", rd_kafka_topic_name(topic), rd_kafka_err2str(error));
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      // In a transaction the record is missing from it; without one nothing more can be sent.
      const bool gone = error == RD_KAFKA_RESP_ERR__FATAL || error == RD_KAFKA_RESP_ERR__FENCED;
      if (!gone) return Outcome(transactional_ ? Verdict::kAbortable : Verdict::kFatal, error, message);
      return fatal("send");
    }
    if (Clock::now() > *until)
      return Outcome(Verdict::kRetriable, error, message + ": the brokers take less than is sent");
    rd_kafka_poll(client_->get(), kServeMs);
  }
}

rd_kafka_resp_err_t Producer::enqueue(Topic topic, const OutgoingRecord& record) {
  // An empty key or value is another thing than none.
  const auto bytes_of = [](const std::optional<std::string_view>& text) -> const char* {
    return !text ? nullptr : text->empty() ? "" : text->data();
  };
  const std::size_t key_size = record.key ? record.key->size() : 0,
                    value_size = record.value ? record.value->size() : 0;
  void* const value = const_cast<char*>(bytes_of(record.value));  // copied, never written
  const int partition = record.partition == OutgoingRecord::kByKey ? RD_KAFKA_PARTITION_UA : record.partition;
  if (record.headers.empty() && record.timestamp == 0) {
    const int done = rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, value, value_size, bytes_of(record.key),
                                      key_size, nullptr);
    return done == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
  }
  HeadersHandle headers(rd_kafka_headers_new(record.headers.size()));
  for (const Header& header : record.headers)
    rd_kafka_header_add(headers.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      client_->get(), RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_VALUE(value, value_size), RD_KAFKA_V_KEY(bytes_of(record.key), key_size),
      RD_KAFKA_V_TIMESTAMP(record.timestamp), RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) (void)headers.release();  // the record has them now
  return error;
}

Outcome Producer::send_offsets(std::span<const CommittedOffset> offsets, const GroupMetadata& group,
                               Milliseconds timeout) {
  if (offsets.empty()) return {};
  NUDGE_CHECK(static_cast<bool>(group), "offsets are committed for a group");
  const PartitionList list = make_partition_list(offsets.size());
  for (const CommittedOffset& offset : offsets)
    rd_kafka_topic_partition_list_add(list.get(), offset.partition.topic.c_str(), offset.partition.partition)->offset =
        offset.next;
  return of_error("send_offsets_to_transaction",
                  rd_kafka_send_offsets_to_transaction(client_->get(), list.get(), group.get(), count_of(timeout)));
}

Outcome Producer::commit(Milliseconds timeout) {
  Outcome outcome =
      of_error("commit_transaction", rd_kafka_commit_transaction(client_->get(), count_of(timeout)), true);
  if (!outcome && undelivered_.records > 0 && outcome.verdict() == Verdict::kAbortable)
    return undelivered(outcome.message());
  return outcome;
}

Outcome Producer::abort(Milliseconds timeout) {
  // librdkafka 2.0.2 ends a transaction that the broker has not heard of yet, as after a commit that it still
  // completes; the broker's refusal is fatal. Once the records are delivered it has heard of it.
  if (waiting() > 0) rd_kafka_flush(client_->get(), count_of(std::min(timeout, kDeliveredBeforeAbort)));
  Outcome outcome = of_error("abort_transaction", rd_kafka_abort_transaction(client_->get(), count_of(timeout)));
  if (outcome) undelivered_ = {};
  return outcome;
}

Outcome Producer::flush(Milliseconds timeout) {
  const rd_kafka_resp_err_t error = rd_kafka_flush(client_->get(), count_of(timeout));
  if (const Status status = client_->fatal(); !status) return fatal("flush");
  if (undelivered_.records > 0) return undelivered("kafka flush");
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Outcome(
      Verdict::kRetriable, error,
      fmt::format("kafka flush: {} records are not acknowledged yet: {}", waiting(), rd_kafka_err2str(error)));
}

Outcome Producer::deliveries() {
  if (const Status status = client_->fatal(); !status) return fatal("send");
  if (undelivered_.records > 0) return undelivered("kafka send");
  return {};
}

Outcome Producer::fatal(std::string_view step) const {
  std::array<char, kWordsMax> words{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(client_->get(), words.data(), words.size());
  const bool fenced = error == RD_KAFKA_RESP_ERR__FENCED || error == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
                      error == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
  return Outcome(fenced ? Verdict::kFenced : Verdict::kFatal, error, fmt::format("kafka {}: {}", step, words.data()));
}

void Producer::poll() {
  rd_kafka_poll(client_->get(), 0);
  client_->refresh_credentials();
}

std::size_t Producer::waiting() const { return static_cast<std::size_t>(rd_kafka_outq_len(client_->get())); }

}  // namespace nudge::connectors::kafka
