#include "connectors/kafka/consumer.h"

#include <fmt/core.h>

#include <algorithm>

#include "connectors/record_headers.h"
#include "engine/log.h"
#include "engine/thread_name.h"

namespace nudge::connectors::kafka {
namespace {

constexpr int kPollMs = 100;
constexpr int kWakeMs = 200;
constexpr int kSeekMs = 10'000;                // nothing but the client's own thread is waited for
constexpr std::size_t kLooks = 16;             // the buffer's state is looked at after this part of it came
constexpr std::size_t kRunBytesMax = 1 << 20;  // a chunk
constexpr std::size_t kFetchesOfBuffer = 64;   // one request for a partition brings at most this part of the buffer
constexpr std::size_t kFetchesAtOnce = 8;      // one request for many partitions brings so many of these
constexpr std::size_t kFetchBytesLeast = 256 << 10, kFetchBytesMost = 4 << 20;

OwnValues own_values(const std::string& application, const ConsumerOptions& options) {
  const std::size_t fetch = std::clamp(options.buffer_bytes_max / kFetchesOfBuffer, kFetchBytesLeast, kFetchBytesMost);
  return {
      {"group.id", application},  // asked for by librdkafka, never joined
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"isolation.level", options.committed_only ? "read_committed" : "read_uncommitted"},
      {"enable.partition.eof", "true"},
      {"fetch.wait.max.ms", std::to_string(options.fetch_wait.count())},
      {"fetch.message.max.bytes", std::to_string(fetch)},
      {"fetch.max.bytes", std::to_string(fetch * kFetchesAtOnce)},
      // librdkafka's own queue is emptied as it fills: past these it would not fetch for a whole second.
      {"queued.min.messages", "10000000"},
      {"queued.max.messages.kbytes", "2097151"},
  };
}

void append_headers(std::string& bytes, const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    append_header(bytes, name, {static_cast<const char*>(value), value ? size : 0});
}

// Key, value and headers, one behind the other: RecordBuffer counts on it.
void append_record(RawBatch& batch, const rd_kafka_message_t& message) {
  std::string& bytes = batch.bytes;
  const auto here = [&] { return static_cast<std::uint32_t>(bytes.size()); };
  RawBatch::Line line{};
  line.offset = static_cast<std::uint64_t>(message.offset);
  line.timestamp = rd_kafka_message_timestamp(&message, nullptr);
  line.key_begin = here();
  line.has_key = message.key != nullptr;
  if (line.has_key) bytes.append(static_cast<const char*>(message.key), message.key_len);
  line.key_size = here() - line.key_begin;
  line.begin = line.json_begin = here();
  line.tombstone = message.payload == nullptr;
  if (!line.tombstone) bytes.append(static_cast<const char*>(message.payload), message.len);
  line.size = line.json_size = here() - line.begin;
  line.headers_begin = here();
  append_headers(bytes, message);
  line.headers_size = here() - line.headers_begin;
  batch.lines.push_back(line);
}

PartitionList list_of(const std::vector<TopicPartition>& partitions) {
  PartitionList list = make_partition_list(partitions.size());
  for (const TopicPartition& partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
  return list;
}

}  // namespace

Result<std::unique_ptr<Consumer>> Consumer::make(const Settings& settings, const ConsumerOptions& options) {
  NUDGE_ASSIGN(auto client,
               Client::make(settings, Client::Kind::kConsumer, own_values(settings.application(), options)));
  return std::unique_ptr<Consumer>(new Consumer(std::move(client), options));
}

Consumer::Consumer(std::unique_ptr<Client> client, const ConsumerOptions& options)
    : client_(std::move(client)),
      queue_(rd_kafka_queue_get_consumer(client_->get())),
      buffer_bytes_max_(options.buffer_bytes_max),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

Consumer::~Consumer() {
  thread_.request_stop();
  rd_kafka_queue_yield(queue_.get());
  thread_.join();
  queue_.reset();
}

Status Consumer::assign(std::vector<PartitionStart> partitions) {
  return change({.add = std::move(partitions), .remove = {}, .done = {}});
}

Status Consumer::unassign(std::vector<TopicPartition> partitions) {
  return change({.add = {}, .remove = std::move(partitions), .done = {}});
}

Status Consumer::change(Change change) {
  std::future<Status> done = change.done.get_future();
  {
    const std::lock_guard lock(mutex_);
    changes_.push_back(std::move(change));
  }
  rd_kafka_queue_yield(queue_.get());
  return done.get();
}

// ---- the polling thread -------------------------------------------------------------------------

void Consumer::serve(const std::stop_token& stop) {
  name_thread("nudge fetch");
  while (!stop.stop_requested()) {
    // By callbacks: message by message costs a lock and two looks at the clock each, and the call for many at once
    // loses some around a pause.
    taken_ = 0;
    rd_kafka_consume_callback_queue(
        queue_.get(), kPollMs,
        [](rd_kafka_message_t* message, void* self) { static_cast<Consumer*>(self)->take(*message); }, this);
    hand_over();
    client_->refresh_credentials();
    std::deque<Change> changes;
    {
      const std::lock_guard lock(mutex_);
      changes.swap(changes_);
    }
    for (Change& change : changes) change.done.set_value(apply(change));
    regulate();
  }
}

void Consumer::take(const rd_kafka_message_t& message) {
  accept(message);
  taken_ += message.len + sizeof(RawBatch::Line);
  if (taken_ > buffer_bytes_max_ / kLooks) rd_kafka_yield(client_->get());
}

void Consumer::accept(const rd_kafka_message_t& message) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    hand_over();
    accept_event(message);
    return;
  }
  if (message.rkt != run_topic_ || message.partition != run_partition_.partition || run_.bytes.size() > kRunBytesMax) {
    hand_over();
    run_topic_ = message.rkt;
    run_partition_ = {rd_kafka_topic_name(message.rkt), message.partition};
  }
  append_record(run_, message);
}

void Consumer::hand_over() {
  run_topic_ = nullptr;
  if (run_.lines.empty()) return;
  RawBatch run = std::exchange(run_, {});
  const std::lock_guard lock(mutex_);
  const auto found = partitions_.find(run_partition_);
  if (found == partitions_.end() || found->second.ended) return;
  Partition& partition = found->second;
  partition.next = static_cast<std::int64_t>(run.lines.back().offset) + 1;
  if (partition.end) {
    const auto end = static_cast<std::uint64_t>(*partition.end);
    partition.ended = run.lines.back().offset + 1 >= end;
    while (!run.lines.empty() && run.lines.back().offset >= end) run.lines.pop_back();
  }
  const std::size_t before = partition.buffer.bytes();
  partition.at_end = false;
  partition.buffer.push(std::move(run));
  buffered_ += partition.buffer.bytes() - before;
  ++arrivals_;
  arrived_.notify_all();
}

// The end of a partition, or why it cannot be read. What concerns the connection heals by itself and is in the log.
void Consumer::accept_event(const rd_kafka_message_t& message) {
  if (!message.rkt) return;
  const TopicPartition place{rd_kafka_topic_name(message.rkt), message.partition};
  const std::lock_guard lock(mutex_);
  const auto found = partitions_.find(place);
  if (found == partitions_.end()) return;
  Partition& partition = found->second;
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      // Behind the last record there may be only marks of transactions, which have offsets but are no records.
      if (partition.end && message.offset >= *partition.end) partition.ended = true;
      partition.at_end = true;
      break;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      partition.failure = Status::io(
          fmt::format("{}/{}: the broker no longer has the offset to go on from, {} ({}); its retention is shorter "
                      "than this program "
                      "was away, or the topic was made anew: restore the topic, or begin anew with another `name`",
                      place.topic, place.partition, partition.next, rd_kafka_message_errstr(&message)));
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      partition.failure = client_->failure(fmt::format("{}/{} cannot be read", place.topic, place.partition),
                                           message.err, rd_kafka_message_errstr(&message));
      break;
    default:
      log::debug("kafka consumer topic={} partition={} {}", place.topic, place.partition,
                 rd_kafka_message_errstr(&message));
      return;
  }
  ++arrivals_;
  arrived_.notify_all();
}

Status Consumer::apply(const Change& change) {
  if (!change.remove.empty()) {
    std::vector<TopicPartition> known;
    {
      const std::lock_guard lock(mutex_);
      for (const TopicPartition& partition : change.remove) {
        const auto found = partitions_.find(partition);
        NUDGE_CHECK(found != partitions_.end(), "only what is assigned is unassigned");
        buffered_ -= found->second.buffer.bytes();
        if (found->second.assigned) known.push_back(partition);
        partitions_.erase(found);
      }
    }
    NUDGE_TRY(let_go(known));
  }
  if (change.add.empty()) return Status::ok();
  const PartitionList list = make_partition_list(change.add.size());
  {
    const std::lock_guard lock(mutex_);
    for (const PartitionStart& start : change.add) {
      Partition& partition = partitions_[start.partition];
      partition.next = start.offset;
      partition.end = start.end;
      partition.ended = start.end && start.offset >= *start.end;
      partition.assigned = !partition.ended;
      if (partition.ended) continue;
      rd_kafka_topic_partition_list_add(list.get(), start.partition.topic.c_str(), start.partition.partition)->offset =
          start.offset;
    }
  }
  ++arrivals_;
  arrived_.notify_all();
  if (list->cnt == 0) return Status::ok();
  if (const ErrorHandle error(rd_kafka_incremental_assign(client_->get(), list.get())); error)
    return client_->failure("partitions cannot be assigned", rd_kafka_error_code(error.get()),
                            rd_kafka_error_string(error.get()));
  if (has_let_go_) wake(*list);
  return Status::ok();
}

// librdkafka 2.0.2 keeps a partition paused beyond its assignment, and the next one would bring nothing.
Status Consumer::let_go(const std::vector<TopicPartition>& partitions) {
  if (partitions.empty()) return Status::ok();
  has_let_go_ = true;
  const PartitionList list = list_of(partitions);
  rd_kafka_resume_partitions(client_->get(), list.get());
  const ErrorHandle error(rd_kafka_incremental_unassign(client_->get(), list.get()));
  if (!error) return Status::ok();
  return client_->failure("partitions cannot be unassigned", rd_kafka_error_code(error.get()),
                          rd_kafka_error_string(error.get()));
}

std::size_t Consumer::share() const { return buffer_bytes_max_ / std::max<std::size_t>(partitions_.size(), 1); }

void Consumer::regulate() {
  std::vector<TopicPartition> pause, resume, ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [place, partition] : partitions_) {
      if (!partition.assigned) continue;
      const std::size_t bytes = partition.buffer.bytes();
      if (partition.ended) {
        partition.assigned = partition.paused = false;
        ended.push_back(place);
      } else if (!partition.paused && buffered_ > buffer_bytes_max_ && bytes > share() / 2) {
        // It has brought records: a pause before the first one could make librdkafka forget where to begin.
        partition.paused = true;
        pause.push_back(place);
      } else if (partition.paused && (bytes < share() / 4 || buffered_ < buffer_bytes_max_ / 2)) {
        partition.paused = false;
        resume.push_back(place);
      }
    }
  }
  if (const Status status = let_go(ended); !status) log::warn("{}", status.message());
  if (!pause.empty()) rd_kafka_pause_partitions(client_->get(), list_of(pause).get());
  if (!resume.empty()) go_on(resume);
}

// From where this side knows that it is. librdkafka 2.0.2 would go on from behind the last mark of a transaction that
// it had fetched before the pause and thrown away since, and everything between would be lost. So what cannot be set to
// its place stays paused until it can.
void Consumer::go_on(const std::vector<TopicPartition>& partitions) {
  const PartitionList places = list_of(partitions), resumed = make_partition_list(partitions.size());
  {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < places->cnt; ++i)
      places->elems[i].offset = partitions_.at(partitions[static_cast<std::size_t>(i)]).next;
  }
  const ErrorHandle error(rd_kafka_seek_partitions(client_->get(), places.get(), kSeekMs));  // also told one by one
  {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < places->cnt; ++i) {
      const rd_kafka_topic_partition_t& place = places->elems[i];
      if (place.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_topic_partition_list_add(resumed.get(), place.topic, place.partition);
        continue;
      }
      if (place.err != RD_KAFKA_RESP_ERR__IN_PROGRESS)  // librdkafka 2.0.2 takes the milliseconds for microseconds
        log::warn("kafka consumer topic={} partition={} offset={} is tried again: {}", place.topic, place.partition,
                  place.offset, rd_kafka_err2str(place.err));
      partitions_.at(partitions[static_cast<std::size_t>(i)]).paused = true;
    }
  }
  if (resumed->cnt == 0) return;
  rd_kafka_resume_partitions(client_->get(), resumed.get());
  wake(*resumed);
}

// librdkafka 2.0.2 tells a broker's thread of new requests, but not that a partition may be fetched again: a thread
// that has nothing to fetch sleeps for a second. Any request wakes it; here each leader is asked for offsets.
void Consumer::wake(rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) partitions.elems[i].offset = RD_KAFKA_OFFSET_END;
  (void)rd_kafka_offsets_for_times(client_->get(), &partitions, kWakeMs);
}

// ---- the readers --------------------------------------------------------------------------------

Result<Consumer::Read> Consumer::read(const TopicPartition& place, RawBatch& batch, std::size_t records_max,
                                      std::size_t bytes_max, Milliseconds wait) {
  std::unique_lock lock(mutex_);
  const auto found = partitions_.find(place);
  NUDGE_CHECK(found != partitions_.end(), "only what is assigned is read");
  Partition& partition = found->second;
  const auto ready = [&] { return !partition.buffer.empty() || partition.ended || !partition.failure; };
  batch.lines.clear();
  batch.bytes.clear();
  if (wait.count() > 0 && !ready()) {
    if (partition.paused) rd_kafka_queue_yield(queue_.get());
    arrived_.wait_for(lock, wait, ready);
  }
  if (partition.buffer.empty()) {
    if (!partition.failure) return partition.failure;
    return partition.ended ? Read::kEnd : Read::kNothingYet;
  }
  const std::size_t before = partition.buffer.bytes();
  partition.buffer.take(batch, records_max, bytes_max);
  buffered_ -= before - partition.buffer.bytes();
  if (partition.paused && !partition.ended && partition.buffer.bytes() < share() / 4)
    rd_kafka_queue_yield(queue_.get());
  return Read::kRecords;
}

bool Consumer::behind(const TopicPartition& place) const {
  const std::lock_guard lock(mutex_);
  const auto found = partitions_.find(place);
  return found != partitions_.end() && (!found->second.at_end || !found->second.buffer.empty());
}

bool Consumer::wait(Milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return arrived_.wait_for(lock, timeout, [&] {
    return std::ranges::any_of(partitions_,
                               [](const auto& entry) { return !entry.second.buffer.empty() || !entry.second.failure; });
  });
}

bool Consumer::wait_for_more(Milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const bool more = arrived_.wait_for(lock, timeout, [&] { return arrivals_ != arrivals_known_; });
  arrivals_known_ = arrivals_;
  return more;
}

std::size_t Consumer::buffered_bytes() const {
  const std::lock_guard lock(mutex_);
  return buffered_;
}

std::optional<Watermarks> Consumer::known_watermarks(const TopicPartition& partition) const {
  Watermarks marks;
  if (rd_kafka_get_watermark_offsets(client_->get(), partition.topic.c_str(), partition.partition, &marks.begin,
                                     &marks.end) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      marks.end < 0)
    return std::nullopt;
  return marks;
}

}  // namespace nudge::connectors::kafka
