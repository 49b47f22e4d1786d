#include "tools/nudge/generate/options.h"

#include <array>

#include "config/kafka_parameters.h"
#include "engine/check.h"
#include "engine/topic.h"

namespace nudge::generate {

namespace {

using config::Kind;
using config::Parameter;

constexpr std::array<std::string_view, 3> kActivities = {"uniform", "varied", "zipf"};

constexpr std::array kOnline = {
    Parameter{.name = "big", .kind = Kind::kReal, .default_text = "0.3", .help = "In a big city.", .least = 0},
    Parameter{.name = "small", .kind = Kind::kReal, .default_text = "0.1", .help = "In a small city.", .least = 0}};
constexpr std::array kStore = {
    Parameter{.name = "big", .kind = Kind::kReal, .default_text = "0.3", .help = "In a big city.", .least = 0},
    Parameter{.name = "small", .kind = Kind::kReal, .default_text = "0.08", .help = "In a small city.", .least = 0}};

constexpr auto kTopics = [] {
  std::array<Parameter, kTopicCount> topics;
  for (std::size_t i = 0; i < topics.size(); ++i)
    topics[i] = {.name = kTopicNames[i],
                 .kind = Kind::kText,
                 .default_text = kTopicNames[i],
                 .help = "Its name on the brokers."};
  return topics;
}();

constexpr Parameter share(std::string_view name, std::string_view standard, std::string_view help) {
  return {.name = name, .kind = Kind::kReal, .default_text = standard, .help = help, .least = 0, .most = 1};
}

constexpr std::array kKeys = {
    Parameter{.name = "customers",
              .kind = Kind::kInteger,
              .default_text = "2000",
              .help = "How many customers there are.",
              .least = 8,
              .most = 4e9},
    Parameter{.name = "weeks",
              .kind = Kind::kInteger,
              .default_text = "104",
              .help = "How long the shop is open; the sequence rule shows from 80 weeks on.",
              .least = 1,
              .most = 1040},
    Parameter{.name = "start",
              .kind = Kind::kText,
              .default_text = "2024-01-01T00:00:00Z",
              .help = "The first moment, RFC 3339."},
    Parameter{.name = "activity",
              .kind = Kind::kChoice,
              .default_text = "varied",
              .help = "How rates differ between customers of a segment: not at all, by a gamma (shape 8), or as "
                      "1/rank^zipf_exponent over all.",
              .choices = kActivities},
    Parameter{.name = "zipf_exponent",
              .kind = Kind::kReal,
              .default_text = "1",
              .help = "Of activity zipf.",
              .least = 0,
              .most = 4},
    Parameter{.name = "online_visits_per_week",
              .kind = Kind::kObject,
              .default_text = "{}",
              .help = "Sessions of a customer.",
              .members = kOnline},
    Parameter{.name = "store_orders_per_week",
              .kind = Kind::kObject,
              .default_text = "{}",
              .help = "Orders without page views.",
              .members = kStore},
    Parameter{.name = "page_views_per_order",
              .kind = Kind::kReal,
              .help = "Sets store_orders_per_week so that this ratio is expected.",
              .least = 1,
              .most = 20},
    Parameter{.name = "mean_lifetime",
              .kind = Kind::kDuration,
              .default_text = "80w",
              .help = "Mean of the exponential time that a customer stays.",
              .least = kDay,
              .most = 1e15},
    share("joining", "0.3", "Customers join in this first share of the time."),
    Parameter{.name = "apart",
              .kind = Kind::kDuration,
              .default_text = "2h",
              .help = "Least time between two visits of a customer.",
              .least = 0,
              .most = kDay},
    share("anonymous", "0.2", "Share of the sessions that carry the visitor only."),
    share("returns", "0.04", "Share of the orders of which a line is returned."),
    share("complaints", "0.1", "Share of the returns that are followed by a complaint."),
    Parameter{.name = "campaign_every",
              .kind = Kind::kDuration,
              .default_text = "4w",
              .help = "Time between two campaigns, whole hours; 0d: none.",
              .least = 0,
              .most = 1e12},
    share("campaign_share", "0.5", "Share of the permitted customers that are in a campaign."),
    share("late", "0.002", "Share of the records that arrive 8 to 30 days late."),
    share("duplicates", "0.005", "Share of the records that arrive twice."),
    share("disorder", "0.02", "Share of the records that arrive a minute to two days late."),
    share("malformed", "0.001", "Bad lines, as a share of the records; they are added to the good ones."),
    Parameter{.name = "partitions",
              .kind = Kind::kInteger,
              .default_text = "1",
              .help = "Files per topic.",
              .least = 1,
              .most = 1024},
    Parameter{.name = "compress", .kind = Kind::kBoolean, .default_text = "false", .help = "Write .jsonl.zst."},
    Parameter{.name = "list_customers",
              .kind = Kind::kBoolean,
              .default_text = "true",
              .help = "Whether truth.json tells the truth about each customer too."},
    Parameter{.name = "name",
              .kind = Kind::kText,
              .default_text = "nudge",
              .help = "How the brokers' logs call this program (--output kafka)."},
    Parameter{.name = "kafka",
              .kind = Kind::kObject,
              .default_text = "{}",
              .help = "The brokers (--output kafka)."},
    Parameter{.name = "topics",
              .kind = Kind::kObject,
              .default_text = "{}",
              .help = "The topics' names on the brokers.",
              .members = kTopics},
};

Rate rate_of(const config::Value& value) { return {value.at("big").real(), value.at("small").real()}; }

}  // namespace

const Parameter& parameters() {
  static const auto keys = [] {
    auto filled = kKeys;
    for (Parameter& key : filled)
      if (key.name == "kafka") key.members = config::kafka_parameters();
    return filled;
  }();
  static const Parameter root = {.kind = Kind::kObject, .help = "A shop with planted truth.", .members = keys};
  return root;
}

GenerateOptions options_of(const config::Value& root) {
  GenerateOptions options;
  options.customers = root.at("customers").integer();
  options.weeks = root.at("weeks").integer();
  options.start = parse_time(root.at("start").text()).value_or(kNever);
  const std::string& activity = root.at("activity").text();
  for (std::size_t i = 0; i < kActivities.size(); ++i)
    if (kActivities[i] == activity) options.activity = static_cast<Activity>(i);
  options.zipf_exponent = root.at("zipf_exponent").real();
  options.online_visits = rate_of(root.at("online_visits_per_week"));
  options.store_orders = rate_of(root.at("store_orders_per_week"));
  if (const auto* ratio = root.find("page_views_per_order")) options.page_views_per_order = ratio->real();
  options.mean_lifetime_weeks = static_cast<double>(root.at("mean_lifetime").duration()) / kWeek;
  options.joining = root.at("joining").real();
  options.apart = root.at("apart").duration();
  options.anonymous = root.at("anonymous").real();
  options.returns = root.at("returns").real();
  options.complaints = root.at("complaints").real();
  options.campaign_every = root.at("campaign_every").duration();
  options.campaign_share = root.at("campaign_share").real();
  options.late = root.at("late").real();
  options.duplicates = root.at("duplicates").real();
  options.disorder = root.at("disorder").real();
  options.malformed = root.at("malformed").real();
  options.partitions = root.at("partitions").integer();
  options.compress = root.at("compress").boolean();
  options.list_customers = root.at("list_customers").boolean();
  return options;
}

}  // namespace nudge::generate
