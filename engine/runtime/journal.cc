#include "engine/runtime/journal.h"

#include <fmt/core.h>
#include <unistd.h>

#include "connectors/json_text.h"
#include "connectors/kafka/read_topic.h"
#include "connectors/kafka/topics.h"

namespace nudge::runtime {

namespace kafka = connectors::kafka;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kTimeout(30'000), kAtOnce(50);

constexpr std::string_view kCommitted = R"({"committed")", kMark = R"({"generation")";

std::string mark(std::int64_t generation, const std::string& writer) {
  return nlohmann::ordered_json{{"generation", generation}, {"writer", writer}}.dump();
}

}  // namespace

std::string commit_note(std::uint64_t round, const std::string& counters) {
  return fmt::format(R"({{"committed":{},"counters":{}}})", round, counters);
}

// ---- reading --------------------------------------------------------------------------------------------

JournalReading::JournalReading(const std::vector<connectors::PartitionInfo>& partitions, const Cut& last)
    : partitions_(partitions), round_(last.round), generation_(last.generation), writer_(last.writer) {}

Result<std::optional<Cut>> JournalReading::read(std::string_view record) {
  if (record.starts_with(kCommitted)) return std::optional<Cut>();
  if (record.starts_with(kMark)) {
    const auto json = connectors::parse_json(record);
    if (json.is_discarded() || !json.at("generation").is_number_integer() || !json["writer"].is_string())
      return Status::bad_data("is no record of a journal");
    // Somebody whose time has passed.
    if (json.at("generation").get<std::int64_t>() < generation_) return std::optional<Cut>();
    generation_ = json["generation"].get<std::int64_t>();
    writer_ = json["writer"].get<std::string>();
    return std::optional<Cut>();
  }
  NUDGE_ASSIGN(Cut cut, decode_cut(record, partitions_));
  if (cut.writer != writer_ || cut.round <= round_) return std::optional<Cut>();
  if (cut.round != round_ + 1)
    return Status::io(
        fmt::format("is round {}, and {} was expected: a part of the journal is gone", cut.round, round_ + 1));
  ++round_;
  cut.generation = generation_;
  return std::optional<Cut>(std::move(cut));
}

Result<std::vector<Cut>> read_cuts(const kafka::Settings& settings,
                                   const std::vector<connectors::PartitionInfo>& partitions) {
  const std::string topic = kafka::journal_topic(settings.application());
  JournalReading reading(partitions, Cut());
  std::vector<Cut> cuts;
  NUDGE_TRY(kafka::read_topic(settings, topic, [&](const kafka::TopicRecord& record) {
    Result<std::optional<Cut>> cut = reading.read(record.value.value_or(""));
    if (!cut.is_ok())
      return Status::io(
          fmt::format("{}/0: record {} {}; replay in the ideal order (--ideal-order), or restore the topic", topic,
                      record.offset, cut.status().message()));
    if (cut.value()) cuts.push_back(std::move(*cut.value()));
    return Status::ok();
  }));
  return cuts;
}

Result<std::string> read_counters(const kafka::Settings& settings) {
  std::string last;
  NUDGE_TRY(kafka::read_topic(settings, kafka::journal_topic(settings.application()), [&](const auto& record) {
    if (record.value && record.value->starts_with(kCommitted)) last = *record.value;
    return Status::ok();
  }));
  return last.empty() ? last : connectors::parse_ordered_json(last).at("counters").dump();
}

// ---- writing --------------------------------------------------------------------------------------------

Journal::Journal(std::unique_ptr<kafka::LogWriter> writer, std::unique_ptr<kafka::LogReader> reader, std::string topic,
                 std::string name, std::int64_t generation, const std::vector<connectors::PartitionInfo>& partitions,
                 const Cut& last)
    : log_(std::move(writer)),
      reader_(std::move(reader)),
      topic_(std::move(topic)),
      name_(std::move(name)),
      generation_(generation),
      partitions_(partitions),
      reading_(partitions, last) {}

Result<std::unique_ptr<Journal>> Journal::open(const kafka::Settings& settings, std::int64_t generation,
                                               const std::string& instance,
                                               const std::vector<connectors::PartitionInfo>& partitions,
                                               const Cut& last) {
  NUDGE_ASSIGN(auto writer, kafka::LogWriter::make(settings, {}));
  NUDGE_ASSIGN(auto reader, kafka::LogReader::make(settings, {}));
  // Unlike every other life of any instance, so that none of them can pass for this one.
  const std::string name = fmt::format("{}.{}.{}", instance, ::getpid(), Clock::now().time_since_epoch().count());
  std::unique_ptr<Journal> journal(new Journal(std::move(writer), std::move(reader),
                                               kafka::journal_topic(settings.application()), name, generation,
                                               partitions, last));
  NUDGE_TRY(journal->reader_->assign({{{journal->topic_, 0}, static_cast<std::int64_t>(last.place), {}}}));
  NUDGE_TRY(journal->take_over());
  return journal;
}

// Reads what has come.
Status Journal::read(std::chrono::milliseconds timeout, const std::function<void(Cut cut)>& take) {
  Status status;
  NUDGE_TRY(reader_
                ->poll(timeout,
                       [&](const kafka::LogRecord& record) {
                         const auto offset = static_cast<std::uint64_t>(record.offset);
                         end_ = offset + 1;
                         Result<std::optional<Cut>> cut = reading_.read(record.value.value_or(""));
                         if (status && !cut.is_ok())
                           status = Status::io(
                               fmt::format("{}/0: record {} {}; restore the topic, or run under another name", topic_,
                                           offset, cut.status().message()));
                         if (!cut.is_ok() || !cut.value()) return;
                         cut.value()->place = offset;
                         take(std::move(*cut.value()));
                       })
                .status());
  return status;
}

Status Journal::take_over() {
  NUDGE_TRY(log_->append(topic_, 0, "", mark(generation_, name_)));
  NUDGE_TRY(log_->flush(kTimeout));
  for (const auto until = Clock::now() + kTimeout; reading_.writer() != name_;) {
    NUDGE_TRY(read(kAtOnce, [this](Cut cut) { missed_.push_back(std::move(cut)); }));
    if (Clock::now() > until) return taken_over();
  }
  return Status::ok();
}

Status Journal::taken_over() const {
  return Status::error(ErrorClass::kUnavailable, topic_ + "/0: another instance writes it now");
}

Status Journal::append(Cut& cut) {
  cut.writer = name_;
  cut.generation = generation_;
  cut.place = end_;
  appended_ = cut.round;
  return log_->append(topic_, 0, "", encode(cut, partitions_));
}

Status Journal::confirm() {
  for (const auto until = Clock::now() + kTimeout; confirmed_ < appended_;) {
    NUDGE_TRY(read(kAtOnce, [this](Cut cut) { confirmed_ = cut.round; }));
    NUDGE_TRY(log_->poll());
    if (reading_.writer() != name_ || Clock::now() > until) return taken_over();
  }
  return Status::ok();
}

Status Journal::flush() {
  NUDGE_TRY(log_->flush(kTimeout));
  return read(std::chrono::milliseconds(0), [this](Cut cut) { confirmed_ = cut.round; });
}

}  // namespace nudge::runtime
