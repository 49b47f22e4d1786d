// What the bench does to the broker, apart from the engines:
//
//   kafka_bench fill  BROKERS PREFIX EVENTS CUSTOMERS       a month of events into PREFIX.transactions and .page_views
//   kafka_bench watch BROKERS TOPIC OUTPUTS SECONDS         how the outputs grow, until they are all there
//   kafka_bench pace  BROKERS PREFIX TOPIC RATE SECONDS WHEN  events at a rate, and how old they are when their output
//   is
//                                                           seen, `committed` or `sent`; the first part is not counted
//   kafka_bench drain BROKERS PREFIX                        what librdkafka alone reads of PREFIX.transactions and
//                                                           .page_views: the limit of who reads them
//
// Each prints one JSON object. The topics must exist.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "connectors/kafka/changelog.h"
#include "connectors/kafka/client.h"
#include "connectors/kafka/consumer.h"
#include "connectors/kafka/producer.h"
#include "tools/bench/kafka/events.h"

namespace nudge::bench {
namespace {

namespace kafka = connectors::kafka;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t kSeed = 42, kPaceSeed = 7;
constexpr std::uint32_t kPaceCustomers = 200'000;
constexpr double kWarm = 0.3;  // of the time of `pace` that is not counted

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

class Input {
 public:
  static Result<std::unique_ptr<Input>> open(const kafka::Settings& settings, const std::string& prefix,
                                             milliseconds linger) {
    auto input = std::make_unique<Input>();
    NUDGE_ASSIGN(input->producer_, kafka::Producer::make(settings, {.transactional_id = {}, .linger = linger}));
    input->orders_ = input->producer_->topic(prefix + ".transactions");
    input->views_ = input->producer_->topic(prefix + ".page_views");
    return input;
  }
  Status send(const Events::Event& event) {
    return producer_->send(event.is_order ? orders_ : views_, {.key = event.customer, .value = event.json}).status();
  }
  Status flush() { return producer_->flush(milliseconds(60'000)).status(); }
  void poll() { producer_->poll(); }

 private:
  std::unique_ptr<kafka::Producer> producer_;
  kafka::Producer::Topic orders_ = nullptr, views_ = nullptr;
};

Status fill(const kafka::Settings& settings, const std::string& prefix, std::int64_t count, std::uint32_t customers) {
  constexpr Millis kFirst = 1'700'000'000'000, kSpan = 30 * kDay;
  NUDGE_ASSIGN(const auto input, Input::open(settings, prefix, milliseconds(50)));
  Events events(kSeed, customers);
  std::int64_t orders = 0, bytes = 0;
  const auto begin = Clock::now();
  for (std::int64_t i = 0; i < count; ++i) {
    const Events::Event event = events.next(kFirst + i * kSpan / count);
    NUDGE_TRY(input->send(event));
    orders += event.is_order ? 1 : 0;
    bytes += static_cast<std::int64_t>(event.json.size());
  }
  NUDGE_TRY(input->flush());
  fmt::print("{{\"events\":{},\"orders\":{},\"bytes_each\":{:.1f},\"seconds\":{:.2f}}}\n", count, orders,
             static_cast<double>(bytes) / static_cast<double>(count), seconds_since(begin));
  return Status::ok();
}

// Of committed records, and of the marks of transactions: one in a partition for a commit.
Result<std::int64_t> size_of(const kafka::Admin& admin, const std::string& topic) {
  NUDGE_ASSIGN(const auto partitions, admin.partitions(topic));
  std::int64_t size = 0;
  for (int partition = 0; partition < partitions.value_or(0); ++partition) {
    NUDGE_ASSIGN(const kafka::Watermarks marks, admin.watermarks({topic, partition}));
    size += marks.end;
  }
  return size;
}

constexpr double kKnownAfter = 5;  // seconds

// Between a tenth and nine tenths of the outputs, so that neither the start nor the last commit counts.
Status watch(const kafka::Settings& settings, const std::string& topic, double outputs, double most_seconds) {
  NUDGE_ASSIGN(const auto admin, kafka::Admin::make(settings));
  double tenth = 0, nine_tenths = 0, first = 0, at = 0, share_first = 0, share_last = 0;
  std::int64_t size = 0;
  for (const auto begin = Clock::now(); at < most_seconds; std::this_thread::sleep_for(milliseconds(50))) {
    const Result<std::int64_t> seen = size_of(*admin, topic);
    at = seconds_since(begin);
    // A topic that was made a moment ago is not known everywhere yet.
    if (!seen && at < kKnownAfter) continue;
    NUDGE_ASSIGN(size, seen);
    const double share = static_cast<double>(size) / outputs;
    if (share > 0 && first == 0) first = at;
    if (share >= 0.1 && tenth == 0) tenth = at, share_first = share;
    if (share >= 0.9 && nine_tenths == 0) nine_tenths = at, share_last = share;
    if (share >= 1) break;
  }
  fmt::print("{{\"outputs\":{},\"share_per_second\":{:.6f},\"first\":{:.2f},\"seconds\":{:.2f}}}\n", size,
             nine_tenths > tenth ? (share_last - share_first) / (nine_tenths - tenth) : 0.0, first, at);
  return Status::ok();
}

// The event time of an output: a number or RFC 3339.
std::optional<Millis> event_time_of(std::string_view json) {
  constexpr std::string_view kName = "\"event_time\":";
  const std::size_t found = json.find(kName);
  if (found == std::string_view::npos) return std::nullopt;
  json.remove_prefix(found + kName.size());
  if (json.starts_with('"')) return parse_time(json.substr(1, json.find('"', 1) - 1));
  return std::strtoll(std::string(json.substr(0, 20)).c_str(), nullptr, 10);
}

Status pace(const kafka::Settings& settings, const std::string& prefix, const std::string& topic, double rate,
            double seconds) {
  NUDGE_ASSIGN(const auto admin, kafka::Admin::make(settings));
  NUDGE_ASSIGN(const auto partitions, admin->partitions(topic));
  std::vector<kafka::PartitionStart> starts;
  for (int partition = 0; partition < partitions.value_or(0); ++partition) {
    NUDGE_ASSIGN(const kafka::Watermarks marks, admin->watermarks({topic, partition}));
    starts.push_back({{topic, partition}, marks.end, std::nullopt});
  }
  NUDGE_ASSIGN(const auto consumer, kafka::Consumer::make(settings, {.fetch_wait = milliseconds(500)}));
  NUDGE_TRY(consumer->assign(starts));
  NUDGE_ASSIGN(const auto input, Input::open(settings, prefix, milliseconds(5)));
  std::vector<Millis> ages;
  const Millis counted_from = kafka::wall_clock() + static_cast<Millis>(seconds * kWarm * kSecond);
  std::jthread reader([&](const std::stop_token& stop) {
    connectors::RawBatch batch;
    while (!stop.stop_requested()) {
      if (!consumer->wait(milliseconds(100))) continue;
      for (const auto& start : starts) {
        if (!consumer->read(start.partition, batch, 100'000, 8 << 20, milliseconds(0))) return;
        const Millis now = kafka::wall_clock();
        for (const auto& line : batch.lines)
          if (const auto at = event_time_of(batch.raw(line)); at && *at >= counted_from) ages.push_back(now - *at);
      }
    }
  });
  Events events(kPaceSeed, kPaceCustomers);
  std::int64_t sent = 0, orders = 0;
  for (const auto begin = Clock::now(); seconds_since(begin) < seconds;
       std::this_thread::sleep_for(std::chrono::microseconds(500))) {
    for (const auto due = static_cast<std::int64_t>(seconds_since(begin) * rate); sent < due; ++sent) {
      const Millis now = kafka::wall_clock();
      const Events::Event event = events.next(now);
      orders += event.is_order && now >= counted_from ? 1 : 0;
      NUDGE_TRY(input->send(event));
    }
    input->poll();
  }
  NUDGE_TRY(input->flush());
  std::this_thread::sleep_for(std::chrono::seconds(5));
  reader.request_stop();
  reader.join();
  std::ranges::sort(ages);
  const auto part = [&](double share) -> Millis {
    if (ages.empty()) return -1;
    return ages[std::min(ages.size() - 1, static_cast<std::size_t>(share * static_cast<double>(ages.size())))];
  };
  fmt::print("{{\"sent\":{},\"orders\":{},\"outputs\":{},\"p50\":{},\"p90\":{},\"p99\":{},\"p999\":{},\"most\":{}}}\n",
             sent, orders, ages.size(), part(.5), part(.9), part(.99), part(.999), part(1));
  return Status::ok();
}

// librdkafka and nothing else: messages are taken in batches and thrown away.
Status drain(const kafka::Settings& settings, const std::string& prefix) {
  constexpr std::size_t kBatch = 10'000;
  constexpr int kWaitMs = 1000;
  NUDGE_ASSIGN(const auto admin, kafka::Admin::make(settings));
  NUDGE_ASSIGN(const auto client, kafka::Client::make(settings, kafka::Client::Kind::kConsumer,
                                                      {{"group.id", "kafka_bench"},
                                                       {"enable.auto.commit", "false"},
                                                       {"queued.min.messages", "10000000"},
                                                       {"queued.max.messages.kbytes", "262144"}}));
  rd_kafka_poll_set_consumer(client->get());
  const kafka::Queue queue(rd_kafka_queue_get_consumer(client->get()));
  const kafka::PartitionList list = kafka::make_partition_list(0);
  std::int64_t wanted = 0, count = 0;
  for (const std::string& topic : {prefix + ".transactions", prefix + ".page_views"}) {
    NUDGE_ASSIGN(const auto partitions, admin->partitions(topic));
    for (int partition = 0; partition < partitions.value_or(0); ++partition) {
      NUDGE_ASSIGN(const kafka::Watermarks marks, admin->watermarks({topic, partition}));
      wanted += marks.end - marks.begin;
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = marks.begin;
    }
  }
  if (const rd_kafka_resp_err_t error = rd_kafka_assign(client->get(), list.get()))
    return client->failure("assign", error);
  std::vector<rd_kafka_message_t*> messages(kBatch);
  const auto begin = Clock::now();
  const std::clock_t cpu = std::clock();
  while (count < wanted) {
    const ssize_t taken = rd_kafka_consume_batch_queue(queue.get(), kWaitMs, messages.data(), messages.size());
    for (ssize_t i = 0; i < taken; ++i) {
      const kafka::MessageHandle message(messages[static_cast<std::size_t>(i)]);
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++count;
    }
  }
  const double seconds = seconds_since(begin);
  fmt::print("{{\"events_s\":{:.0f},\"cpu_s\":{:.2f},\"seconds\":{:.2f}}}\n", static_cast<double>(count) / seconds,
             static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC, seconds);
  return Status::ok();
}

Status run(const std::vector<std::string>& words) {
  const std::string& what = words[0];
  const kafka::Settings settings = kafka::Settings::plain(words.size() > 1 ? words[1] : "", "kafka_bench");
  if (what == "fill" && words.size() == 5)
    return fill(settings, words[2], std::stoll(words[3]), static_cast<std::uint32_t>(std::stoul(words[4])));
  if (what == "watch" && words.size() == 5) return watch(settings, words[2], std::stod(words[3]), std::stod(words[4]));
  if (what == "pace" && words.size() == 6)
    return pace(settings, words[2], words[3], std::stod(words[4]), std::stod(words[5]));
  if (what == "drain" && words.size() == 3) return drain(settings, words[2]);
  return Status::usage("kafka_bench: fill, watch, pace or drain, and what each needs: see the head of driver.cc");
}

}  // namespace
}  // namespace nudge::bench

int main(int count, char** words) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("kafka_bench"));
  const nudge::Status ended =
      nudge::bench::run(count > 1 ? std::vector<std::string>(words + 1, words + count) : std::vector<std::string>{""});
  if (ended) return 0;
  fmt::print(stderr, "kafka_bench: {}\n", ended.message());
  return static_cast<int>(ended.error_class());
}
