#include "config/engine_parameters.h"

#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "config/kafka_parameters.h"
#include "config/webhook_parameters.h"
#include "engine/output.h"
#include "engine/time.h"
#include "engine/topic.h"

namespace nudge::config {
namespace {

using std::string_view;

constexpr double kMiB = 1 << 20, kTiB = kMiB * kMiB;
constexpr double kYear = 365.0 * kDay;

constexpr string_view kBadRecordChoices[] = {"dead_letter", "fail"};
constexpr string_view kDeliveries[] = {"exactly_once", "at_least_once"};
constexpr string_view kHistories[] = {"whole", "needed"};
constexpr string_view kConnectors[] = {"files", "kafka", "memory"};
constexpr string_view kFormats[] = {"json"};

constexpr Parameter kEngine[] = {
    {.name = "partitions",
     .kind = Kind::kInteger,
     .default_text = "8",
     .help = "How many partitions the customers are spread over; results do not depend on it.",
     .least = 1,
     .most = 1024},
    {.name = "threads",
     .kind = Kind::kInteger,
     .default_text = "2",
     .help = "How many threads work on the partitions; results do not depend on it.",
     .least = 1,
     .most = 256},
    {.name = "epoch",
     .kind = Kind::kDuration,
     .default_text = "1d",
     .help = "How often, in event time, partial results are merged and models are learnt and published.",
     .least = kMinute,
     .most = kYear},
    {.name = "commit_interval",
     .kind = Kind::kDuration,
     .default_text = "100ms",
     .help = "How often `run` commits outputs, state and offsets together.",
     .least = 1,
     .most = 10.0 * kMinute},
    {.name = "delivery",
     .kind = Kind::kChoice,
     .default_text = "exactly_once",
     .help =
         "Of the outputs of `run`: exactly_once, seen when committed; or at_least_once, seen within milliseconds, and "
         "again after a failure. State and offsets are committed together in either case.",
     .choices = kDeliveries},
    {.name = "replay_commit_interval",
     .kind = Kind::kDuration,
     .default_text = "5s",
     .help = "How often `replay` commits, which bounds the work that a crash repeats.",
     .least = 1,
     .most = kHour},
    {.name = "disorder",
     .kind = Kind::kDuration,
     .default_text = "1m",
     .help = "How far the watermark stays behind the newest event, waiting for events out of order.",
     .least = 0,
     .most = 30.0 * kDay},
    {.name = "allowed_lateness",
     .kind = Kind::kDuration,
     .default_text = "7d",
     .help = "A record further behind the newest one of its partition also goes to late_events.",
     .least = 0,
     .most = 100 * kYear},
    {.name = "state_dir", .kind = Kind::kText, .help = "The folder of the state; var/<name> where none is given."},
    {.name = "memory_budget",
     .kind = Kind::kSize,
     .default_text = "2GiB",
     .help = "What the resident memory of the program stays under.",
     .least = 64 * kMiB,
     .most = kTiB},
    {.name = "on_bad_record",
     .kind = Kind::kChoice,
     .default_text = "dead_letter",
     .help = "Whether a bad record goes to dead_letters or stops the program with exit code 65.",
     .choices = kBadRecordChoices},
    {.name = "merge_wait",
     .kind = Kind::kDuration,
     .default_text = "1s",
     .help = "How long a live task waits for an input topic that is behind the others.",
     .least = 0,
     .most = kHour},
    {.name = "history",
     .kind = Kind::kChoice,
     .default_text = "whole",
     .help = "What is kept of each customer beside the operators' own state: every event, or only those that the "
             "operators or an erasure need.",
     .choices = kHistories},
    {.name = "standbys",
     .kind = Kind::kInteger,
     .default_text = "1",
     .help = "How many other instances keep a copy of each task's state, to go on with it at once.",
     .least = 0,
     .most = 8},
    {.name = "model_wait",
     .kind = Kind::kDuration,
     .default_text = "5s",
     .help = "How long a live task waits for the epoch's models before it goes on with the old ones, counted.",
     .least = 0,
     .most = kHour},
    {.name = "future_max",
     .kind = Kind::kDuration,
     .default_text = "1d",
     .help = "A Kafka record further ahead of its broker timestamp is a dead letter; files have no such cap.",
     .least = 0,
     .most = 100 * kYear},
    {.name = "identity_retention",
     .kind = Kind::kDuration,
     .default_text = "730d",
     .help = "How long the events of a visitor can still move to another customer.",
     .least = 0,
     .most = 100 * kYear},
    {.name = "repeat_retention",
     .kind = Kind::kDuration,
     .default_text = "7d",
     .help =
         "How long, of event time, an event_id is remembered so that its repeat is dropped; a quarter longer at most. "
         "For files: the whole input.",
     .least = 0,
     .most = 100 * kYear},
    {.name = "batch_events_max",
     .kind = Kind::kInteger,
     .default_text = "16384",
     .help = "The most records that are worked on between two commits.",
     .least = 1,
     .most = 10'000'000},
    {.name = "products_max",
     .kind = Kind::kInteger,
     .default_text = "200000",
     .help = "The most products that are known to operators that read them, about 100 bytes each in every partition; "
             "records of further ones are counted as left out.",
     .least = 1,
     .most = 1'000'000},
    {.name = "silence_max",
     .kind = Kind::kDuration,
     .default_text = "400d",
     .help = "After so long without any event the event clock jumps and the rescorings in between are left out.",
     .least = kDay,
     .most = 100 * kYear},
};

constexpr Parameter kInput[] = {
    {.name = "connector",
     .kind = Kind::kChoice,
     .default_text = "files",
     .help = "Where the input topics are read from.",
     .choices = kConnectors},
    {.name = "path", .kind = Kind::kText, .help = "The folder that holds the topics' files (files)."},
    {.name = "format",
     .kind = Kind::kChoice,
     .default_text = "json",
     .help = "How records are written; .csv and .jsonl.zst files are known by their names.",
     .choices = kFormats},
};

constexpr Parameter kOutputItem[] = {
    {.name = "connector",
     .kind = Kind::kChoice,
     .default_text = "files",
     .help = "Where the output topics are written to.",
     .choices = kConnectors},
    {.name = "path", .kind = Kind::kText, .default_text = "out/", .help = "The folder for <topic>.jsonl (files)."},
};
constexpr Parameter kOutput[] = {{.kind = Kind::kObject, .members = kOutputItem}};

constexpr Parameter kPromotionItem[] = {
    {.name = "id", .kind = Kind::kText, .required = true, .help = "The promotion's id."},
    {.name = "from", .kind = Kind::kText, .required = true, .help = "Its start, RFC 3339 with an offset."},
    {.name = "until", .kind = Kind::kText, .required = true, .help = "Its end, RFC 3339 with an offset."},
    {.name = "where",
     .kind = Kind::kExpression,
     .help = "SQL that says which order lines it applies to; all by default."},
};
constexpr Parameter kPromotions[] = {{.kind = Kind::kObject, .members = kPromotionItem}};

constexpr Parameter kFrequencyCap[] = {
    {.name = "max", .kind = Kind::kInteger, .required = true, .help = "How many times.", .least = 1, .most = 1'000'000},
    {.name = "per",
     .kind = Kind::kDuration,
     .required = true,
     .help = "In how long.",
     .least = kMinute,
     .most = 10 * kYear},
};
constexpr Parameter kQuietHours[] = {
    {.name = "from", .kind = Kind::kText, .required = true, .help = "When they begin, HH:MM."},
    {.name = "until",
     .kind = Kind::kText,
     .required = true,
     .help = "When they end, HH:MM; earlier than `from`: on the next day."},
    {.name = "zone", .kind = Kind::kText, .default_text = "UTC", .help = "The time zone, such as Europe/Prague."},
};
constexpr Parameter kTargeting[] = {
    {.name = "holdout",
     .kind = Kind::kReal,
     .default_text = "0.1",
     .help = "The share of customers who are in no campaign, by a hash of the customer.",
     .least = 0,
     .most = 1},
    {.name = "frequency_cap",
     .kind = Kind::kObject,
     .help = "How often a customer may be made eligible over all lists.",
     .members = kFrequencyCap},
    {.name = "margin_rate",
     .kind = Kind::kReal,
     .help = "The margin as a share of value, for customers whose segment's margin is unknown.",
     .least = 0,
     .most = 1},
    {.name = "attribution_window",
     .kind = Kind::kDuration,
     .default_text = "7d",
     .help = "How long after a click or a delivery a sale is attributed to the campaign.",
     .least = 0,
     .most = kYear},
    {.name = "quiet_hours",
     .kind = Kind::kObject,
     .help = "The hours of a day in which nobody is made eligible.",
     .members = kQuietHours},
};

constexpr Parameter kHttp[] = {
    {.name = "bind",
     .kind = Kind::kText,
     .default_text = "127.0.0.1:8080",
     .help = "The address and port of the HTTP interface."},
};

// The contract's topics; each has its own name on the broker unless told otherwise.
constexpr auto kTopics = [] {
  std::array<Parameter, kTopicCount + output::kCount> topics;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const string_view name = i < kTopicCount ? kTopicNames[i] : output::kNames[i - kTopicCount];
    topics[i] = {.name = name, .kind = Kind::kText, .default_text = name, .help = "Its name on the broker."};
  }
  return topics;
}();

struct Tree {
  std::vector<Parameter> operators;
  std::vector<Parameter> members;
  Parameter root;
};

Parameter operator_parameter(const OperatorSpec& spec) {
  Parameter parameter = spec.parameters;
  const bool list = parameter.kind == Kind::kList;
  NUDGE_CHECK(list || parameter.kind == Kind::kObject, "an operator's parameters are an object or a list of objects");
  parameter.name = spec.name;
  parameter.required = false;
  parameter.may_be_off = spec.on_by_default;
  if (parameter.help.empty()) parameter.help = spec.summary;
  if (!spec.on_by_default) parameter.default_text = {};
  if (spec.on_by_default && parameter.default_text.empty()) parameter.default_text = list ? "[]" : "{}";
  return parameter;
}

std::unique_ptr<const Tree> make_tree(std::span<const OperatorSpec* const> operators) {
  auto tree = std::make_unique<Tree>();
  for (const OperatorSpec* spec : operators) tree->operators.push_back(operator_parameter(*spec));
  tree->members = {
      {.name = "name",
       .kind = Kind::kText,
       .default_text = "nudge",
       .help = "The application's id: consumer group, internal topics and state folder are named after it."},
      {.name = "engine",
       .kind = Kind::kObject,
       .default_text = "{}",
       .help = "How the engine works.",
       .members = kEngine},
      {.name = "input", .kind = Kind::kObject, .required = true, .help = "Where records come from.", .members = kInput},
      {.name = "output",
       .kind = Kind::kList,
       .default_text = "{connector: files}",
       .help = "Where results go: one output or a list of them.",
       .members = kOutput},
      {.name = "kafka",
       .kind = Kind::kObject,
       .default_text = "{}",
       .help = "The brokers: librdkafka's settings by their own names; secrets as {file: …} or {env: …}.",
       .members = kafka_parameters()},
      {.name = "topics",
       .kind = Kind::kObject,
       .default_text = "{}",
       .help = "The topics' names on the broker.",
       .members = kTopics},
      {.name = "promotions",
       .kind = Kind::kList,
       .default_text = "[]",
       .help = "The calendar of promotions.",
       .members = kPromotions},
      {.name = "operators",
       .kind = Kind::kObject,
       .default_text = "{}",
       .help = "What is computed; an operator that is not named does not run unless it is on by default.",
       .members = tree->operators},
      {.name = "targeting",
       .kind = Kind::kObject,
       .default_text = "{}",
       .help = "What holds over all lists.",
       .members = kTargeting},
      {.name = "http", .kind = Kind::kObject, .default_text = "{}", .help = "The HTTP interface.", .members = kHttp},
      webhooks_parameter(),
  };
  tree->root = {.kind = Kind::kObject, .help = "The configuration of nudge.", .members = tree->members};
  return tree;
}

}  // namespace

const Parameter& root_parameters(std::span<const OperatorSpec* const> operators) {
  static std::mutex mutex;
  static std::map<std::vector<const OperatorSpec*>, std::unique_ptr<const Tree>> trees;
  const std::lock_guard lock(mutex);
  auto& tree = trees[{operators.begin(), operators.end()}];
  if (!tree) tree = make_tree(operators);
  return tree->root;
}

std::string state_folder(const Value& root) {
  const Value* folder = root.at("engine").find("state_dir");
  return folder && !folder->text().empty() ? folder->text() : "var/" + root.at("name").text();
}

}  // namespace nudge::config
